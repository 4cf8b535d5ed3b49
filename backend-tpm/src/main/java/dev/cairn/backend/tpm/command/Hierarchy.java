package dev.cairn.backend.tpm.command;

/**
 * Where primary keys come from. Cairn uses them with an empty password.
 *
 * @see "TPM 2.0 Library Part 2, TPM_RH"
 */
public enum Hierarchy {
  OWNER(0x40000001),
  NULL(0x40000007),
  ENDORSEMENT(0x4000000B),
  PLATFORM(0x4000000C);

  private final int handle;

  Hierarchy(int handle) {
    this.handle = handle;
  }

  /** Returns its handle. */
  public int handle() {
    return handle;
  }
}
