package dev.cairn.eventlog.cel;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.measure.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Walks through an item that {@link CborInput} has accepted. A method that finds something else
 * than it is for returns null or false and stays where it is.
 */
final class CborCursor {
  static final int UNSIGNED = 0;
  static final int NEGATIVE = 1;
  static final int BYTES = 2;
  static final int TEXT = 3;
  static final int ARRAY = 4;
  static final int MAP = 5;
  static final int TAG = 6;

  static final int INFO_BITS = 5;
  static final int INFO = 0x1F;

  /** The argument follows in one, two, four or eight bytes. */
  static final int INFO_1 = 24;

  static final int INFO_2 = 25;
  static final int INFO_4 = 26;
  static final int INFO_8 = 27;

  private final byte[] item;
  private int at;

  CborCursor(byte[] item) {
    this.item = item;
  }

  /** Returns where it is, in bytes from the item's start. */
  int at() {
    return at;
  }

  boolean atEnd() {
    return at == item.length;
  }

  private boolean is(int major) {
    return at < item.length && (item[at] & 0xFF) >> INFO_BITS == major;
  }

  /** Takes a map of {@code count} entries. */
  boolean map(int count) {
    return structure(MAP, count);
  }

  private boolean structure(int major, long count) {
    int before = at;
    if (is(major) && argument() == count) {
      return true;
    }
    at = before;
    return false;
  }

  /** Takes an array and returns its length, or -1. */
  long array() {
    return is(ARRAY) ? argument() : -1;
  }

  /** Takes the number {@code key}. */
  boolean key(long key) {
    return structure(UNSIGNED, key);
  }

  /** Takes a number up to {@code max}, which may be above 2^63, as {@code max} may. */
  boolean isNumber(long max) {
    int before = at;
    boolean valid = is(UNSIGNED) && Long.compareUnsigned(argument(), max) <= 0;
    at = before;
    return valid;
  }

  /** Takes a number that {@link #isNumber} has found. */
  long number() {
    return argument();
  }

  @Nullable Bytes bytes() {
    if (!is(BYTES)) {
      return null;
    }
    int length = (int) argument();
    at += length;
    return Bytes.copyOf(item, at - length, length);
  }

  @Nullable String text() {
    if (!is(TEXT)) {
      return null;
    }
    int length = (int) argument();
    at += length;
    return new String(item, at - length, length, UTF_8);
  }

  /** Takes whatever comes and returns its bytes. */
  byte[] any() {
    int from = at;
    skip();
    return java.util.Arrays.copyOfRange(item, from, at);
  }

  private void skip() {
    int major = (item[at] & 0xFF) >> INFO_BITS;
    long argument = argument();
    switch (major) {
      case BYTES, TEXT -> at += (int) argument;
      case ARRAY -> skip(argument);
      case MAP -> skip(2 * argument);
      case TAG -> skip();
      default -> {} // all of it is in the head
    }
  }

  private void skip(long count) {
    for (long i = 0; i < count; i++) {
      skip();
    }
  }

  private long argument() {
    int info = item[at++] & INFO;
    if (info < INFO_1) {
      return info;
    }
    int width = 1 << (info - INFO_1);
    long value = TlvContents.number(item, at, width);
    at += width;
    return value;
  }
}
