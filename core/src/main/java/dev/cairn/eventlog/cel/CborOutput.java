package dev.cairn.eventlog.cel;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.measure.Bytes;
import java.io.IOException;

/** Puts items in the deterministic encoding. Numbers are unsigned. */
final class CborOutput {
  private final ByteBuilder out;

  CborOutput(ByteBuilder out) {
    this.out = out;
  }

  /** Returns the head of an array. */
  static byte[] arrayHead(long count) {
    ByteBuilder head = new ByteBuilder(1 + Long.BYTES);
    new CborOutput(head).head(CborCursor.ARRAY, count);
    return head.toByteArray();
  }

  CborOutput map(int entries) {
    return head(CborCursor.MAP, entries);
  }

  CborOutput array(int count) {
    return head(CborCursor.ARRAY, count);
  }

  CborOutput number(long value) {
    return head(CborCursor.UNSIGNED, value);
  }

  CborOutput bytes(Bytes value) throws IOException {
    head(CborCursor.BYTES, value.length());
    value.writeTo(out);
    return this;
  }

  CborOutput text(String value) {
    byte[] utf8 = value.getBytes(UTF_8);
    head(CborCursor.TEXT, utf8.length);
    out.write(utf8);
    return this;
  }

  /** Puts an item that is encoded already. */
  CborOutput item(Bytes encoded) throws IOException {
    encoded.writeTo(out);
    return this;
  }

  private CborOutput head(int major, long value) {
    int width = width(value);
    int info = width == 0 ? (int) value : CborCursor.INFO_1 + Integer.numberOfTrailingZeros(width);
    out.write(major << CborCursor.INFO_BITS | info);
    for (int shift = (width - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      out.write((int) (value >>> shift));
    }
    return this;
  }

  private static int width(long value) {
    if (value < 0 || value > ContentTypes.MAX_U32) {
      return Long.BYTES;
    }
    if (value > ContentTypes.MAX_U16) {
      return Integer.BYTES;
    }
    if (value > 0xFF) {
      return Short.BYTES;
    }
    return value < CborCursor.INFO_1 ? 0 : 1;
  }
}
