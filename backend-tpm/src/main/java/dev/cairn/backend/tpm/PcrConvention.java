package dev.cairn.backend.tpm;

/**
 * Who extends which PCR by convention. No PCR is free by convention and safe from resets: which one
 * Cairn gets is for the image to decide.
 *
 * @see "TCG PC Client Platform Firmware Profile, PCR usage; systemd and GRUB documentation"
 */
public final class PcrConvention {
  private PcrConvention() {}

  /** Returns who extends {@code pcr} where he is there, in a few words; empty if nobody does. */
  public static String userOf(int pcr) {
    return switch (pcr) {
      case 0, 1, 2, 3, 4, 5, 6, 7 -> "firmware";
      case 8 -> "GRUB (commands)";
      case 9 -> "GRUB (files), the kernel's boot stub (initrd)";
      case 10 -> "IMA";
      case 11 -> "systemd-stub and systemd-pcrphase";
      case 12 -> "systemd-stub (command line, credentials)";
      case 13 -> "systemd-stub (extensions)";
      case 14 -> "shim (MOK)";
      case 15 -> "systemd (machine id, file systems)";
      case 16 -> "debugging";
      case 17, 18, 19, 20, 21, 22 -> "the dynamic launch";
      case 23 -> "applications";
      default -> "";
    };
  }
}
