package dev.cairn.http;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One range of bytes of an answer.
 *
 * @param from first byte
 * @param to byte after the last; more than {@code from}
 * @see "RFC 9110, 14.1.2 Byte Ranges"
 */
record ByteRange(long from, long to) {
  private static final String UNIT = "bytes=";
  private static final int MOST_DIGITS = 18;

  /** What a Range header comes to. */
  record Outcome(Optional<ByteRange> range, boolean unsatisfiable) {
    private static final Outcome WHOLE = new Outcome(Optional.empty(), false);
    private static final Outcome UNSATISFIABLE = new Outcome(Optional.empty(), true);
  }

  /**
   * Applies {@code header} to an answer of {@code length} bytes. A header that is none, or asks for
   * several ranges, is ignored, as the RFC allows.
   */
  static Outcome of(@Nullable String header, long length) {
    if (header == null || !header.startsWith(UNIT)) {
      return Outcome.WHOLE;
    }
    String spec = header.substring(UNIT.length()).strip();
    int dash = spec.indexOf('-');
    if (dash < 0 || !digits(spec.substring(0, dash)) || !digits(spec.substring(dash + 1))) {
      return Outcome.WHOLE;
    }
    String first = spec.substring(0, dash);
    String last = spec.substring(dash + 1);
    if (first.isEmpty() && last.isEmpty()) {
      return Outcome.WHOLE;
    }
    if (first.isEmpty()) {
      long suffix = Math.min(Long.parseLong(last), length);
      return suffix == 0 ? Outcome.UNSATISFIABLE : some(length - suffix, length);
    }
    long from = Long.parseLong(first);
    long to = last.isEmpty() ? length : Math.min(length, Long.parseLong(last) + 1);
    if (!last.isEmpty() && Long.parseLong(last) < from) {
      return Outcome.WHOLE; // not a range
    }
    return from >= length ? Outcome.UNSATISFIABLE : some(from, to);
  }

  private static Outcome some(long from, long to) {
    return new Outcome(Optional.of(new ByteRange(from, to)), false);
  }

  private static boolean digits(String text) {
    return text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  long length() {
    return to - from;
  }

  /** Returns the Content-Range of a 206. */
  String contentRange(long total) {
    return "bytes " + from + "-" + (to - 1) + "/" + total;
  }
}
