package dev.cairn.backend.tdx.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads one part of some evidence from front to back, little-endian. Every complaint names the part
 * and the offset of the field that was read last.
 */
final class PartReader {
  private final String part;
  private final Bytes bytes;
  private final ByteBuffer buffer;
  private final int base;
  private int fieldOffset;

  PartReader(String part, Bytes bytes) {
    this(part, bytes, 0);
  }

  /**
   * Makes a reader of bytes from within a part.
   *
   * @param base where in the part they begin: complaints count from the part's beginning
   */
  PartReader(String part, Bytes bytes, int base) {
    this.part = part;
    this.bytes = bytes;
    this.buffer = bytes.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    this.base = base;
  }

  int u16(String field) throws MalformedEvidenceException {
    return next(field, Short.BYTES).getShort() & 0xFFFF;
  }

  long u32(String field) throws MalformedEvidenceException {
    return next(field, Integer.BYTES).getInt() & 0xFFFF_FFFFL;
  }

  Bytes bytes(String field, long length) throws MalformedEvidenceException {
    next(field, length);
    int from = buffer.position();
    buffer.position(from + (int) length);
    return bytes.slice(from, buffer.position());
  }

  void skip(String field, int length) throws MalformedEvidenceException {
    next(field, length);
    buffer.position(buffer.position() + length);
  }

  /** Reads a u16 or u32 that has to be {@code wanted}. */
  void expect(String field, long found, long wanted, String meaning)
      throws MalformedEvidenceException {
    if (found != wanted) {
      throw refuse("%s %d, needs %d (%s)".formatted(field, found, wanted, meaning));
    }
  }

  /** Checks that a length field which was just read covers exactly what is left. */
  void expectRest(String field, long length) throws MalformedEvidenceException {
    if (length != buffer.remaining()) {
      throw refuse("%s %d, but %d bytes follow".formatted(field, length, buffer.remaining()));
    }
  }

  /** Returns where the next field begins, counted from the part's beginning. */
  int offset() {
    return base + buffer.position();
  }

  Bytes rest() {
    return bytes.slice(buffer.position(), bytes.length());
  }

  /** Makes the complaint about the field that was read last. */
  MalformedEvidenceException refuse(String detail) {
    return new MalformedEvidenceException(part, "offset %d: %s".formatted(fieldOffset, detail));
  }

  private ByteBuffer next(String field, long length) throws MalformedEvidenceException {
    fieldOffset = offset();
    if (buffer.remaining() < length) {
      throw refuse("%s needs %d bytes, %d are left".formatted(field, length, buffer.remaining()));
    }
    return buffer;
  }
}
