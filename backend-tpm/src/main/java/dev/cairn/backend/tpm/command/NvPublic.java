package dev.cairn.backend.tpm.command;

import dev.cairn.measure.Bytes;

/**
 * What is known of an NV index without reading it.
 *
 * @param index its handle, 01……
 * @param nameAlgorithm TPM_ALG_ID
 * @param attributes TPMA_NV
 * @param policy digest of the policy that guards it; may be empty
 * @param dataBytes how long its content is
 * @param name u16 algorithm and digest of all of this
 * @see "TPM 2.0 Library Part 2, TPMS_NV_PUBLIC"
 */
public record NvPublic(
    int index, int nameAlgorithm, int attributes, Bytes policy, int dataBytes, Bytes name) {
  private static final int OWNER_READ = 1 << 17;
  private static final int AUTH_READ = 1 << 18;
  private static final int WRITTEN = 1 << 29;

  /** Returns whether it may be read with the password of the owner hierarchy. */
  public boolean ownerMayRead() {
    return (attributes & OWNER_READ) != 0;
  }

  /** Returns whether it may be read with its own password. */
  public boolean ownPasswordMayRead() {
    return (attributes & AUTH_READ) != 0;
  }

  /** Returns whether there is anything in it. */
  public boolean written() {
    return (attributes & WRITTEN) != 0;
  }
}
