package dev.cairn.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The query of one request: known names only, each at most once, so that no typing error passes.
 */
final class Parameters {
  private static final Parameters NONE = new Parameters(Map.of());

  private final Map<String, String> values;

  private Parameters(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Parses {@code query}.
   *
   * @param query what follows the question mark, still encoded; null or empty: nothing
   * @param known the names that the resource understands
   * @throws ProblemException 400 for an unknown or repeated name, or a broken escape
   */
  static Parameters parse(@Nullable String query, Set<String> known) throws ProblemException {
    if (query == null || query.isEmpty()) {
      return NONE;
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (String pair : query.split("&", known.size() + 2)) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      if (!known.contains(name)) {
        throw invalid(name, "an unknown parameter", knownNames(known));
      }
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      if (values.put(name, value) != null) {
        throw invalid(name, "given twice", "to be given once");
      }
    }
    return new Parameters(values);
  }

  private static String knownNames(Set<String> known) {
    return known.isEmpty()
        ? "no parameter at all"
        : "one of " + String.join(", ", known.stream().sorted().toList());
  }

  private static String decode(String text) throws ProblemException {
    try {
      return QueryStringDecoder.decodeComponent(text);
    } catch (IllegalArgumentException e) {
      throw new ProblemException(
          ProblemType.INVALID_PARAMETER,
          "query: %s: needs two hex digits after every %%".formatted(Problem.shorten(text)));
    }
  }

  static ProblemException invalid(String name, String observed, String expected) {
    return new ProblemException(
        Problem.of(ProblemType.INVALID_PARAMETER, Problem.shorten(name), observed, expected));
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /**
   * Returns a whole number.
   *
   * @throws ProblemException 400 unless it is one, {@code minimum} or more, in decimal digits
   */
  OptionalLong number(String name, long minimum) throws ProblemException {
    String value = values.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    if (!value.isEmpty()
        && value.length() <= 18
        && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      long number = Long.parseLong(value);
      if (number >= minimum) {
        return OptionalLong.of(number);
      }
    }
    throw invalid(name, value, "a whole number, " + minimum + " or more");
  }

  /** Returns what {@link #flag(String, boolean)} does; absent is false. */
  boolean flag(String name) throws ProblemException {
    return flag(name, false);
  }

  /**
   * Returns whether {@code name} is {@code true}; {@code absent} if it is not given.
   *
   * @throws ProblemException 400 for anything but {@code true} and {@code false}
   */
  boolean flag(String name, boolean absent) throws ProblemException {
    String value = values.get(name);
    if (value == null) {
      return absent;
    }
    if (value.equals("true") || value.equals("false")) {
      return value.equals("true");
    }
    throw invalid(name, value, "true or false");
  }
}
