package dev.cairn.eventlog;

import dev.cairn.measure.Bytes;

/**
 * A digest of an algorithm that Cairn cannot compute: kept, written back, never replayed.
 *
 * @param algorithmId the TPM_ALG_ID, 0 to 0xFFFF
 * @param value as many bytes as the log says
 */
public record UnknownDigest(int algorithmId, Bytes value) {
  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException if {@code algorithmId} is not a u16
   */
  public UnknownDigest {
    if (algorithmId < 0 || algorithmId > 0xFFFF) {
      throw new IllegalArgumentException("algorithm " + algorithmId + ": needs 0 to 65535");
    }
  }
}
