package dev.cairn.store;

import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Layout of {@code keys}: a head, then entries with ascending positions; big-endian.
 *
 * <pre>
 * head   offset  size
 *           0      8   "CAIRNKEY"
 *           8      4   version, 1
 *          12      4   size of an entry, 84
 *
 * entry     0      8   position of the record
 *           8      8   milliseconds since 1970
 *          16     32   hash of the key
 *          48     32   hash of the request
 *          80      4   CRC-32C of the 80 bytes before
 * </pre>
 */
final class KeyLayout {
  private static final long MAGIC = 0x4341_4952_4E4B_4559L; // "CAIRNKEY"
  private static final int VERSION = 1;
  static final int HEAD_BYTES = Long.BYTES + Integer.BYTES + Integer.BYTES;

  private static final int MILLIS_AT = Long.BYTES;
  static final int KEY_AT = MILLIS_AT + Long.BYTES;
  private static final int REQUEST_AT = KEY_AT + KeyEntry.HASH_BYTES;
  private static final int CRC_AT = REQUEST_AT + KeyEntry.HASH_BYTES;
  static final int ENTRY_BYTES = CRC_AT + Integer.BYTES;

  private KeyLayout() {}

  static ByteBuffer head() {
    return ByteBuffer.allocate(HEAD_BYTES)
        .putLong(MAGIC)
        .putInt(VERSION)
        .putInt(ENTRY_BYTES)
        .flip();
  }

  /** Adds {@code entry} to {@code target}, which is backed by an array. */
  static void put(ByteBuffer target, KeyEntry entry) {
    int at = target.position();
    target.putLong(entry.position()).putLong(entry.epochMillis());
    entry.keyHash().copyTo(target);
    entry.requestHash().copyTo(target);
    target.putInt(crc(target.array(), target.arrayOffset() + at));
  }

  /** Returns the entry at {@code at}; nothing if it was not written whole. */
  static Optional<KeyEntry> get(byte[] array, int at) {
    ByteBuffer entry = ByteBuffer.wrap(array, at, ENTRY_BYTES);
    long position = entry.getLong();
    long millis = entry.getLong();
    if (crc(array, at) != entry.getInt(at + CRC_AT) || position < 0) {
      return Optional.empty();
    }
    return Optional.of(
        new KeyEntry(
            position,
            millis,
            Bytes.copyOf(array, at + KEY_AT, KeyEntry.HASH_BYTES),
            Bytes.copyOf(array, at + REQUEST_AT, KeyEntry.HASH_BYTES)));
  }

  private static int crc(byte[] array, int at) {
    CRC32C crc = new CRC32C();
    crc.update(array, at, CRC_AT);
    return (int) crc.getValue();
  }
}
