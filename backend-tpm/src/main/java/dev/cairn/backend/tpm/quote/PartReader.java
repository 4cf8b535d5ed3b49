package dev.cairn.backend.tpm.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.nio.ByteBuffer;

/**
 * Reads one part of a quote from front to back, big-endian. Every complaint names the part, and the
 * offset of the field that was read last.
 */
final class PartReader {
  private final String part;
  private final ByteBuffer buffer;
  private int fieldOffset;

  PartReader(String part, Bytes bytes) {
    this.part = part;
    this.buffer = bytes.toReadOnlyBuffer();
  }

  int u8(String field) throws MalformedEvidenceException {
    return next(field, Byte.BYTES).get() & 0xFF;
  }

  int u16(String field) throws MalformedEvidenceException {
    return next(field, Short.BYTES).getShort() & 0xFFFF;
  }

  long u32(String field) throws MalformedEvidenceException {
    return next(field, Integer.BYTES).getInt() & 0xFFFF_FFFFL;
  }

  /** Reads a u64; what is above 2^63 - 1 comes out negative. */
  long u64(String field) throws MalformedEvidenceException {
    return next(field, Long.BYTES).getLong();
  }

  /** Reads a TPM2B: u16 length, at most {@code maxBytes}, and as many bytes. */
  Bytes sized(String field, int maxBytes) throws MalformedEvidenceException {
    int length = u16(field);
    if (length > maxBytes) {
      throw refuse("%s of %d bytes, at most %d".formatted(field, length, maxBytes));
    }
    byte[] bytes = new byte[length];
    next(field, length).get(bytes);
    return Bytes.owning(bytes);
  }

  /** Reads the u16 number of a hash algorithm that Cairn knows. */
  HashAlgorithm hash(String field) throws MalformedEvidenceException {
    int id = u16(field);
    return HashAlgorithm.ofTpmId(id)
        .orElseThrow(() -> refuse("%s 0x%04x: no hash algorithm known here".formatted(field, id)));
  }

  /** Checks that nothing is left. */
  void end() throws MalformedEvidenceException {
    if (buffer.hasRemaining()) {
      fieldOffset = buffer.position();
      throw refuse("%d bytes left over".formatted(buffer.remaining()));
    }
  }

  /** Makes the complaint about the field that was read last. */
  MalformedEvidenceException refuse(String detail) {
    return new MalformedEvidenceException(part, "offset %d: %s".formatted(fieldOffset, detail));
  }

  private ByteBuffer next(String field, int length) throws MalformedEvidenceException {
    fieldOffset = buffer.position();
    if (buffer.remaining() < length) {
      throw refuse("%s needs %d bytes, %d are left".formatted(field, length, buffer.remaining()));
    }
    return buffer;
  }
}
