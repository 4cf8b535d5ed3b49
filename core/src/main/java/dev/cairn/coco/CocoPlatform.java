package dev.cairn.coco;

import dev.cairn.measure.HashAlgorithm;
import java.util.Optional;

/**
 * What the agent does on one kind of machine.
 *
 * @param tee its name in {@code /info} and in requests to a verifier
 * @param map which register an event goes to
 * @param bank the one bank that its log carries
 * @param defaultPcr the PCR of events whose caller names none, until the configuration says another
 * @param shape of its evidence
 */
public record CocoPlatform(
    String tee, RegisterMap map, HashAlgorithm bank, long defaultPcr, EvidenceShape shape) {
  private static final long AGENTS_DEFAULT = 17;
  private static final long DEBUG_PCR = 16;

  /** Intel TDX. */
  public static final CocoPlatform TDX =
      new CocoPlatform(
          "tdx", RegisterMap.TDX, HashAlgorithm.SHA384, AGENTS_DEFAULT, EvidenceShape.TDX);

  /** A TPM; not PCR 17, the agent's default, which locality 0 cannot extend. */
  public static final CocoPlatform TPM =
      new CocoPlatform("tpm", RegisterMap.PCR, HashAlgorithm.SHA256, DEBUG_PCR, EvidenceShape.TPM);

  /** A TPM whose verifier is the fork's. */
  public static final CocoPlatform TPM_KEYLIME =
      new CocoPlatform(
          "tpm", RegisterMap.PCR, HashAlgorithm.SHA256, DEBUG_PCR, EvidenceShape.TPM_KEYLIME);

  /** The vTPM of an SEV-SNP machine of Azure. */
  public static final CocoPlatform AZ_SNP_VTPM =
      new CocoPlatform(
          "az-snp-vtpm",
          RegisterMap.PCR,
          HashAlgorithm.SHA256,
          DEBUG_PCR,
          EvidenceShape.AZ_SNP_VTPM);

  /** The emulator with the one register of the agent's sample attester. */
  public static final CocoPlatform SAMPLE =
      new CocoPlatform(
          "sample", RegisterMap.SINGLE, HashAlgorithm.SHA256, AGENTS_DEFAULT, EvidenceShape.SAMPLE);

  /** The emulator with the registers of TDX: its log is TDX's, its evidence is the sample's. */
  public static final CocoPlatform SAMPLE_TDX =
      new CocoPlatform(
          "sample", RegisterMap.TDX, HashAlgorithm.SHA384, AGENTS_DEFAULT, EvidenceShape.SAMPLE);

  /** The emulator with the registers of a TPM. */
  public static final CocoPlatform SAMPLE_TPM =
      new CocoPlatform(
          "sample", RegisterMap.PCR, HashAlgorithm.SHA256, DEBUG_PCR, EvidenceShape.SAMPLE);

  /** Returns the platform that a user asks for by name; nothing if there is none. */
  public static Optional<CocoPlatform> of(String name) {
    return switch (name) {
      case "tdx" -> Optional.of(TDX);
      case "tpm" -> Optional.of(TPM);
      case "tpm-keylime" -> Optional.of(TPM_KEYLIME);
      case "az-snp-vtpm" -> Optional.of(AZ_SNP_VTPM);
      case "sample" -> Optional.of(SAMPLE);
      case "sample-tdx" -> Optional.of(SAMPLE_TDX);
      case "sample-tpm" -> Optional.of(SAMPLE_TPM);
      default -> Optional.empty();
    };
  }
}
