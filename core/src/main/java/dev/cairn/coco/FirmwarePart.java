package dev.cairn.coco;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;

/**
 * The firmware's own log (CCEL), cut where it ends: the table is larger than what is in it, and
 * records of ours go behind its last one. Its header then applies to ours too.
 *
 * @param bytes from the header to the last record, without the end mark
 * @param algorithms TPM_ALG_IDs that its header declares
 * @see "confidential-containers/guest-components, attester/src/utils.rs, read_eventlog"
 */
record FirmwarePart(Bytes bytes, Set<Integer> algorithms) {
  /** The largest table that is read; the largest known has 1 MiB. */
  private static final int MAX_BYTES = 16 << 20;

  private static final int SHA1_BYTES = 20;
  private static final int SIGNATURE_AND_VERSION = 24;
  private static final long END_ONES = -1L;
  private static final long END_ZEROS = 0L;

  FirmwarePart {
    algorithms = Set.copyOf(algorithms);
  }

  /**
   * Reads a table.
   *
   * @throws IOException if it cannot be read, is no such log, or ends within a record; names the
   *     offset
   */
  static FirmwarePart read(InputStream in) throws IOException {
    byte[] table = in.readNBytes(MAX_BYTES + 1);
    if (table.length > MAX_BYTES) {
      throw new IOException("CCEL: more than %d bytes: this is no event log".formatted(MAX_BYTES));
    }
    ByteBuffer buffer = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
    try {
      Set<Integer> algorithms = header(buffer);
      while (!atEnd(buffer)) {
        skipRecord(buffer, algorithms);
      }
      return new FirmwarePart(Bytes.copyOf(table, 0, buffer.position()), algorithms);
    } catch (BufferUnderflowException e) {
      throw new IOException(
          "CCEL: offset %d: ends within a record or an end mark".formatted(buffer.position()), e);
    }
  }

  boolean declares(HashAlgorithm algorithm) {
    return algorithms.contains(algorithm.tpmId());
  }

  private static Set<Integer> header(ByteBuffer buffer) throws IOException {
    buffer.getInt();
    int type = buffer.getInt();
    skip(buffer, SHA1_BYTES);
    int size = buffer.getInt();
    int end = buffer.position() + size;
    if (type != 3 || size < SIGNATURE_AND_VERSION || end < 0 || end > buffer.limit()) {
      throw new IOException(
          "CCEL: offset 0: no header: type 0x%x with %d bytes, needs EV_NO_ACTION (3)"
              .formatted(type, Integer.toUnsignedLong(size)));
    }
    skip(buffer, SIGNATURE_AND_VERSION);
    long count = Integer.toUnsignedLong(buffer.getInt());
    Set<Integer> algorithms = new HashSet<>();
    for (long i = 0; i < count && buffer.position() < end; i++) {
      algorithms.add(Short.toUnsignedInt(buffer.getShort()));
      buffer.getShort();
    }
    buffer.position(end);
    return algorithms;
  }

  private static boolean atEnd(ByteBuffer buffer) {
    if (!buffer.hasRemaining()) {
      return true; // a table that is as long as its log needs no mark
    }
    long next = buffer.getLong(requireLeft(buffer, Long.BYTES));
    return next == END_ONES || next == END_ZEROS;
  }

  private static void skipRecord(ByteBuffer buffer, Set<Integer> algorithms) throws IOException {
    int start = buffer.position();
    buffer.getInt();
    buffer.getInt();
    long count = Integer.toUnsignedLong(buffer.getInt());
    for (long i = 0; i < count; i++) {
      int id = Short.toUnsignedInt(buffer.getShort());
      int size =
          HashAlgorithm.ofTpmId(id)
              .filter(known -> algorithms.contains(id))
              .map(HashAlgorithm::sizeBytes)
              .orElse(0);
      if (size == 0) {
        throw new IOException(
            "CCEL: offset %d: a digest of algorithm 0x%04x, which the header does not declare"
                .formatted(start, id));
      }
      skip(buffer, size);
    }
    skip(buffer, buffer.getInt());
  }

  private static void skip(ByteBuffer buffer, int count) {
    buffer.position(requireLeft(buffer, count) + count);
  }

  private static int requireLeft(ByteBuffer buffer, int count) {
    if (count < 0 || count > buffer.remaining()) {
      throw new BufferUnderflowException();
    }
    return buffer.position();
  }
}
