package dev.cairn.eventlog.cel;

/**
 * Checks a text byte by byte, across the borders of buffers. The parser is lenient here: it takes
 * overlong forms and surrogates, and it guesses other encodings from NUL bytes and byte order marks
 * at the start.
 *
 * @see "RFC 3629; Unicode 15, Table 3-7 Well-Formed UTF-8 Byte Sequences"
 */
final class Utf8 {
  private static final int GUESSED_FROM = 4;

  private long position;
  private int needed; // continuation bytes still to come
  private int lowest = 0x80; // of the next continuation byte
  private int highest = 0xBF;

  /** Returns whether a part of {@code bytes} is UTF-8, whatever it starts with. */
  static boolean isValid(byte[] bytes, int from, int to) {
    Utf8 utf8 = new Utf8();
    utf8.position = GUESSED_FROM;
    return utf8.firstInvalid(bytes, from, to) < 0 && utf8.needed == 0;
  }

  /** Returns the index of the first byte that no UTF-8 text may have there, or -1. */
  int firstInvalid(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      byte next = bytes[i];
      if (next > 0 && needed == 0) {
        position++; // what nearly every byte of a log is
      } else if (!accept(next & 0xFF)) {
        return i;
      }
    }
    return -1;
  }

  private boolean accept(int next) {
    boolean start = position < GUESSED_FROM;
    boolean atStart = position == 0;
    position++;
    if (needed > 0) {
      boolean valid = next >= lowest && next <= highest;
      needed--;
      lowest = 0x80;
      highest = 0xBF;
      return valid;
    }
    return next == 0 ? !start : !atStart && lead(next);
  }

  private boolean lead(int next) {
    if (next >= 0xC2 && next <= 0xDF) {
      needed = 1;
    } else if (next >= 0xE0 && next <= 0xEF) {
      needed = 2;
      lowest = next == 0xE0 ? 0xA0 : 0x80;
      highest = next == 0xED ? 0x9F : 0xBF;
    } else if (next >= 0xF0 && next <= 0xF4) {
      needed = 3;
      lowest = next == 0xF0 ? 0x90 : 0x80;
      highest = next == 0xF4 ? 0x8F : 0xBF;
    } else {
      return false;
    }
    return true;
  }
}
