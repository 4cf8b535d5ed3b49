package dev.cairn.coco;

import dev.cairn.measure.RegisterId;

/**
 * Which register an event goes to whose caller named a PCR. Record and extend use the one answer,
 * so the log cannot name another register than the one that changed.
 *
 * <pre>
 * PCR named       TDX              PCR       SINGLE
 * 0               rtmr3 (MR 4)     pcr0      MR 1
 * 1, 7            rtmr0 (MR 1)     itself    MR 1
 * 2 … 6           rtmr1 (MR 2)     itself    MR 1
 * 8 … 15          rtmr2 (MR 3)     itself    MR 1
 * 16 … 23         rtmr3 (MR 4)     itself    MR 1
 * anything else   rtmr3 (MR 4)     refused   MR 1
 * </pre>
 *
 * @see "confidential-containers/guest-components, attester/src, pcr_to_ccmr of tdx, tpm and sample"
 */
public enum RegisterMap {
  /** The measurement registers of UEFI's confidential computing chapter, as on TDX. */
  TDX,
  /** PCRs of a TPM. */
  PCR,
  /** One register only, as the agent's sample attester has. */
  SINGLE;

  private static final int PCRS = 24;

  /**
   * Returns the register for PCR {@code pcr}.
   *
   * @param pcr a u64: negative numbers are large ones
   * @throws IllegalArgumentException if the platform has no such register; names field and remedy
   */
  public RegisterId register(long pcr) {
    return switch (this) {
      case TDX -> new RegisterId(RegisterId.Kind.CCMR, ccmr(pcr));
      case SINGLE -> new RegisterId(RegisterId.Kind.CCMR, 1);
      case PCR -> {
        if (pcr < 0 || pcr >= PCRS) {
          throw new IllegalArgumentException(
              "register_index: %s: a TPM has PCR 0 to 23".formatted(Long.toUnsignedString(pcr)));
        }
        yield RegisterId.pcr(pcr);
      }
    };
  }

  private static long ccmr(long pcr) {
    if (pcr == 1 || pcr == 7) {
      return 1;
    }
    if (pcr >= 2 && pcr <= 6) {
      return 2;
    }
    if (pcr >= 8 && pcr <= 15) {
      return 3;
    }
    return 4; // PCR 0 as well: there it falls into the default branch
  }

  /** Returns the kind of the registers that it maps to. */
  public RegisterId.Kind kind() {
    return this == PCR ? RegisterId.Kind.PCR : RegisterId.Kind.CCMR;
  }
}
