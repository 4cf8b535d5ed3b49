package dev.cairn.store;

import dev.cairn.measure.Bytes;

/**
 * One idempotency key that was used.
 *
 * @param position of the record that it stands for
 * @param epochMillis when, by the machine's clock
 * @param keyHash 32 bytes; a cryptographic hash, for clients choose the key
 * @param requestHash 32 bytes; tells another request under the same key
 */
public record KeyEntry(long position, long epochMillis, Bytes keyHash, Bytes requestHash) {
  /** Length of either hash. */
  public static final int HASH_BYTES = 32;

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException that names the field and its length
   */
  public KeyEntry {
    requireHash("keyHash", keyHash);
    requireHash("requestHash", requestHash);
    if (position < 0) {
      throw new IllegalArgumentException("position " + position + ": needs at least 0");
    }
  }

  private static void requireHash(String field, Bytes hash) {
    if (hash.length() != HASH_BYTES) {
      throw new IllegalArgumentException(
          "%s: %d bytes, needs %d".formatted(field, hash.length(), HASH_BYTES));
    }
  }
}
