package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Takes one data item after the other from a stream and accepts only the deterministic encoding:
 * shortest heads and floats, definite lengths, keys ascending and each once, text in UTF-8.
 *
 * @see "RFC 8949, 4.2.1 Core Deterministic Encoding Requirements"
 */
final class CborInput {
  /** A record has a depth of four; the rest is for content that nobody knows. */
  private static final int MAX_DEPTH = 32;

  private static final int BUFFER = 1 << 13;

  private final InputStream in;
  private final LogFormat format;
  private final byte[] buffer = new byte[BUFFER];
  private int next;
  private int end;
  private long base; // offset of buffer[0]
  private long headOffset;
  private ByteBuilder item = new ByteBuilder(0); // as much of it as has been read
  private int maxBytes;

  CborInput(InputStream in, LogFormat format) {
    this.in = in;
    this.format = format;
  }

  long offset() {
    return base + next;
  }

  boolean atEnd() throws IOException {
    return next == end && !fill();
  }

  /** Reads the head of an array and returns how many items it claims. */
  long arrayHead() throws IOException {
    item = new ByteBuilder(Long.BYTES);
    maxBytes = 1 + Long.BYTES;
    int first = first();
    if (first >> CborCursor.INFO_BITS != CborCursor.ARRAY) {
      throw malformed("log: needs an array of records, this is of major type " + (first >> 5));
    }
    long count = argument(first & CborCursor.INFO);
    if (count < 0) {
      throw malformed("array of " + Long.toUnsignedString(count) + " records");
    }
    return count;
  }

  /**
   * Returns the bytes of the next item.
   *
   * @param depth how deep inside a record it lies
   * @throws MalformedLogException if it is longer than {@code max} bytes, not deterministic or cut
   */
  byte[] item(int max, int depth) throws IOException {
    item = new ByteBuilder(Math.min(max, BUFFER / 16));
    maxBytes = max;
    readItem(depth);
    return item.toByteArray();
  }

  private void readItem(int depth) throws IOException {
    int first = first();
    if (depth > MAX_DEPTH) {
      throw malformed("nested deeper than " + MAX_DEPTH);
    }
    int info = first & CborCursor.INFO;
    switch (first >> CborCursor.INFO_BITS) {
      case CborCursor.UNSIGNED, CborCursor.NEGATIVE -> argument(info);
      case CborCursor.BYTES -> string(argument(info));
      case CborCursor.TEXT -> text(argument(info));
      case CborCursor.ARRAY -> {
        long count = argument(info);
        for (long i = 0; i != count; i++) {
          readItem(depth + 1);
        }
      }
      case CborCursor.MAP -> map(argument(info), depth);
      case CborCursor.TAG -> {
        argument(info);
        readItem(depth + 1);
      }
      default -> simple(info);
    }
  }

  private void map(long count, int depth) throws IOException {
    int lastFrom = 0;
    int lastTo = 0;
    for (long i = 0; i != count; i++) {
      int from = item.size();
      readItem(depth + 1);
      if (i > 0 && item.compare(lastFrom, lastTo, from) >= 0) {
        throw malformed("map: keys have to ascend, each once");
      }
      lastFrom = from;
      lastTo = item.size();
      readItem(depth + 1);
    }
  }

  private void text(long length) throws IOException {
    int from = item.size();
    string(length);
    if (!item.isUtf8(from)) {
      throw malformed("text: needs UTF-8");
    }
  }

  /** Copies what arrives, whatever the head claims. */
  private void string(long length) throws IOException {
    if (length < 0 || length > maxBytes - item.size()) {
      throw malformed(
          "string of %s bytes: a record has at most %d"
              .formatted(Long.toUnsignedString(length), maxBytes));
    }
    for (long left = length; left > 0; ) {
      if (atEnd()) {
        throw malformed(
            "string of %d bytes: the log ends before the last %d".formatted(length, left));
      }
      int count = (int) Math.min(left, end - next);
      item.write(buffer, next, count);
      next += count;
      left -= count;
    }
  }

  private void simple(int info) throws IOException {
    boolean valid;
    switch (info) {
      case CborCursor.INFO_1 -> valid = number(1) >= 32;
      case CborCursor.INFO_2 -> valid = CborFloats.isShortestHalf((int) number(Short.BYTES));
      case CborCursor.INFO_4 -> valid = CborFloats.isShortestSingle((int) number(Integer.BYTES));
      case CborCursor.INFO_8 -> valid = CborFloats.isShortestDouble(number(Long.BYTES));
      default -> valid = info < CborCursor.INFO_1;
    }
    if (!valid) {
      throw malformed("simple value or float: not in its shortest form");
    }
  }

  /** Returns the argument of a head as an unsigned number. */
  private long argument(int info) throws IOException {
    if (info < CborCursor.INFO_1) {
      return info;
    }
    if (info > CborCursor.INFO_8) {
      throw malformed("head: indefinite lengths and reserved forms are not deterministic");
    }
    int width = 1 << (info - CborCursor.INFO_1);
    long value = number(width);
    long shorter = width == 1 ? CborCursor.INFO_1 - 1L : (1L << (width * 4)) - 1;
    if (Long.compareUnsigned(value, shorter) <= 0) {
      throw malformed("head: %s fits a shorter one".formatted(Long.toUnsignedString(value)));
    }
    return value;
  }

  private long number(int width) throws IOException {
    long value = 0;
    for (int i = 0; i < width; i++) {
      value = (value << Byte.SIZE) | read();
    }
    return value;
  }

  private int first() throws IOException {
    headOffset = offset();
    return read();
  }

  private int read() throws IOException {
    if (atEnd()) {
      throw malformed("the log ends inside a record");
    }
    if (item.size() >= maxBytes) {
      throw malformed("record: at most %d bytes".formatted(maxBytes));
    }
    int value = buffer[next++] & 0xFF;
    item.write(value);
    return value;
  }

  private boolean fill() throws IOException {
    base += end;
    next = 0;
    end = 0;
    int count = in.read(buffer, 0, buffer.length);
    end = Math.max(0, count);
    return count > 0;
  }

  private MalformedLogException malformed(String reason) {
    return new MalformedLogException(format, headOffset, reason);
  }
}
