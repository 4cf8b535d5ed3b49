package dev.cairn.emulator;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which registers the emulator has, and their rules.
 *
 * <pre>
 * profile  registers      banks                          at reset   extend
 * tdx      mrtd           sha384                         made up    never: files of mrtd are 0444
 *          rtmr0 … rtmr3  sha384                         00…        all four, as the kernel lets root
 * tpm      pcr0 … pcr16   sha1, sha256, sha384, sha512   00…        yes; pcr16 may be reset
 *          pcr17 … pcr22  same                           FF…        no: locality 0
 *          pcr23          same                           00…        yes; may be reset
 * sample   rtmr0          sha256                         00…        yes: the one register of the sample
 *                                                                   attester of Confidential Containers
 * </pre>
 *
 * <p>The made-up MRTD is SHA-384 of the ASCII text {@code cairn emulator tdx}: plainly not that of
 * any firmware, and the same everywhere.
 *
 * @see "Linux tsm-mr and tdx-guest.c (writable RTMRs); TCG PC Client Platform TPM Profile, 4.6 (PCR
 *     attributes, locality 0)"
 */
public enum EmulatorProfile {
  /** A TDX guest: {@code mrtd}, {@code rtmr0} to {@code rtmr3}. */
  TDX(tdx()),
  /** A TPM 2.0 as user space sees it, at locality 0: {@code pcr0} to {@code pcr23}. */
  TPM(tpm()),
  /** The one register that the sample attester of Confidential Containers has: {@code rtmr0}. */
  SAMPLE(sample());

  private static final int RTMRS = 4;
  private static final int PCRS = 24;
  private static final int DEBUG_PCR = 16;
  private static final int FIRST_DRTM_PCR = 17;
  private static final int LAST_DRTM_PCR = 22;
  private static final int APPLICATION_PCR = 23;

  @SuppressWarnings("ImmutableEnumChecker") // a copied list of values
  private final List<RegisterDescriptor> registers;

  EmulatorProfile(List<RegisterDescriptor> registers) {
    this.registers = List.copyOf(registers);
  }

  /** Returns the name by which users ask for it: {@code tdx}, {@code tpm}, {@code sample}. */
  public String profileName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the profile whose {@link #profileName()} is {@code name}, exactly so written. */
  public static Optional<EmulatorProfile> of(String name) {
    return Arrays.stream(values())
        .filter(profile -> profile.profileName().equals(name))
        .findFirst();
  }

  /** Returns all registers, ascending by id. */
  public List<RegisterDescriptor> registers() {
    return registers;
  }

  /** Returns the active banks, ascending: the same for every register. */
  public List<HashAlgorithm> banks() {
    return registers.get(0).banks();
  }

  /** Returns the description of {@code register}; nothing if this profile has no such register. */
  public Optional<RegisterDescriptor> find(RegisterId register) {
    return registers.stream().filter(descriptor -> descriptor.id().equals(register)).findFirst();
  }

  private static List<RegisterDescriptor> tdx() {
    List<HashAlgorithm> banks = List.of(HashAlgorithm.SHA384);
    byte[] made = "cairn emulator tdx".getBytes(StandardCharsets.US_ASCII);
    List<RegisterDescriptor> registers = new ArrayList<>();
    registers.add(
        new RegisterDescriptor(
            RegisterId.MRTD,
            banks,
            DigestSet.of(HashAlgorithm.SHA384.hash(Bytes.copyOf(made))),
            Optional.of(
                "read-only: it was fixed when the virtual machine was built; extend rtmr0 to rtmr3"),
            false));
    for (int i = 0; i < RTMRS; i++) {
      registers.add(
          new RegisterDescriptor(
              RegisterId.rtmr(i), banks, DigestSet.filled(banks, 0), Optional.empty(), false));
    }
    return registers;
  }

  private static List<RegisterDescriptor> sample() {
    List<HashAlgorithm> banks = List.of(HashAlgorithm.SHA256);
    return List.of(
        new RegisterDescriptor(
            RegisterId.rtmr(0), banks, DigestSet.filled(banks, 0), Optional.empty(), false));
  }

  private static List<RegisterDescriptor> tpm() {
    List<HashAlgorithm> banks =
        List.of(
            HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SHA512);
    List<RegisterDescriptor> registers = new ArrayList<>();
    for (int i = 0; i < PCRS; i++) {
      boolean dynamic = i >= FIRST_DRTM_PCR && i <= LAST_DRTM_PCR;
      registers.add(
          new RegisterDescriptor(
              RegisterId.pcr(i),
              banks,
              DigestSet.filled(banks, dynamic ? 0xFF : 0),
              dynamic
                  ? Optional.of(
                      "locality 0, the only one that user space has, cannot extend pcr17 to pcr22"
                          + " (TPM_RC_LOCALITY); use another PCR")
                  : Optional.empty(),
              i == DEBUG_PCR || i == APPLICATION_PCR));
    }
    return registers;
  }
}
