package dev.cairn.store;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.eventlog.cel.CelTlv;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Records as they are written together: their bytes in CEL-TLV, and their entries of the index. Its
 * buffer is kept from one batch to the next. Writer thread.
 */
final class EncodedBatch {
  private static final int FIRST_BUFFER_BYTES = 1 << 16;
  private static final int KEPT_BUFFER_BYTES = 1 << 20;

  private final CRC32C crc = new CRC32C();
  private ByteBuffer bytes = ByteBuffer.allocateDirect(FIRST_BUFFER_BYTES);
  private ByteBuffer entries = ByteBuffer.allocate(0);

  /**
   * Returns how many bytes {@code records} will have.
   *
   * @throws UnrepresentableRecordException if CEL-TLV cannot say one of them
   */
  static int length(List<EventRecord> records) throws UnrepresentableRecordException {
    int length = 0;
    for (EventRecord record : records) {
      length = Math.addExact(length, CelTlv.encodedLength(record));
    }
    return length;
  }

  /**
   * Encodes {@code records} in the place of those before.
   *
   * @param length what {@link #length} says of them
   * @param offset where in its segment the first one will be
   */
  void encode(List<EventRecord> records, int length, long offset)
      throws UnrepresentableRecordException {
    if (bytes.capacity() < length) {
      bytes = ByteBuffer.allocateDirect(length);
    }
    bytes.clear();
    entries = ByteBuffer.allocate(Math.multiplyExact(records.size(), IndexLayout.ENTRY_BYTES));
    for (EventRecord record : records) {
      int start = bytes.position();
      CelTlv.encode(record, bytes);
      int size = bytes.position() - start;
      crc.reset();
      crc.update(bytes.slice(start, size));
      IndexLayout.put(
          entries, offset + start, size, (int) crc.getValue(), record.register(), record.recnum());
    }
    bytes.flip();
    entries.flip();
  }

  /** Returns the records, to be written. */
  ByteBuffer bytes() {
    return bytes;
  }

  /** Returns their entries of the index. */
  ByteBuffer entries() {
    return entries;
  }

  /** Gives memory back after an unusually large batch. */
  void shrink() {
    if (bytes.capacity() > KEPT_BUFFER_BYTES) {
      bytes = ByteBuffer.allocateDirect(KEPT_BUFFER_BYTES);
    }
  }
}
