package dev.cairn.emulator;

/**
 * What may happen to the machine while nobody has the registers open.
 *
 * <pre>
 *              registers    boot id  reset count  restart count
 * COLD         reset        new      + 1          0
 * KEXEC        kept         new      same         same
 * HIBERNATION  reset        same     same         + 1
 * </pre>
 *
 * @see "TPM 2.0 Library Part 1, TPM Reset and TPM Restart; both counted on swtpm"
 */
public enum RebootKind {
  /** Power off and on, or a reboot through firmware: TPM Reset. */
  COLD,
  /** A new kernel without firmware in between: the hardware does not notice. */
  KEXEC,
  /** S4: the kernel resumes from disk, the TPM restarts from its reset values. */
  HIBERNATION
}
