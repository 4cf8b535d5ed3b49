package dev.cairn.backend.tpm.command;

/**
 * What may be done to a PCR.
 *
 * @see "TPM 2.0 Library Part 2, TPM_PT_PCR"
 */
public enum PcrAttribute {
  /** Kept over a suspend to memory. */
  SAVED(0x00),
  /** Can be extended from locality 0, where user space is. */
  EXTENDABLE(0x01),
  /** Can be reset from locality 0. */
  RESETTABLE(0x02),
  /** Does not move the update counter. */
  NOT_COUNTED(0x11),
  /** Reset by a dynamic launch; begins with ones. */
  DRTM(0x12);

  private final int property;

  PcrAttribute(int property) {
    this.property = property;
  }

  int property() {
    return property;
  }
}
