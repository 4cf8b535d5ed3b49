package dev.cairn.backend.tpm.quote;

import java.util.ArrayList;
import java.util.List;

/**
 * TPMA_OBJECT: what the TPM allows to be done with a key.
 *
 * @param bits as in the key's public area
 * @see "TPM 2.0 Library Part 2, TPMA_OBJECT; Part 1, Restricted Keys"
 */
record KeyAttributes(long bits) {
  private static final long FIXED_TPM = 1 << 1;
  private static final long RESTRICTED = 1 << 16;
  private static final long DECRYPT = 1 << 17;
  private static final long SIGN = 1 << 18;

  /**
   * Returns why a quote signed by such a key proves nothing, one reason after the other; none if it
   * does prove something.
   */
  List<String> objections() {
    List<String> objections = new ArrayList<>();
    if (!has(FIXED_TPM)) {
      objections.add("fixedTPM is clear: the private key may be outside of the TPM");
    }
    if (!has(RESTRICTED)) {
      objections.add("restricted is clear: the TPM signs whatever somebody hands to it");
    }
    if (!has(SIGN)) {
      objections.add("sign is clear: no signing key");
    }
    if (has(DECRYPT)) {
      objections.add("decrypt is set: no signing key");
    }
    return objections;
  }

  private boolean has(long bit) {
    return (bits & bit) != 0;
  }

  /** Returns eight hexadecimal digits. */
  @Override
  public String toString() {
    return "0x%08x".formatted(bits);
  }
}
