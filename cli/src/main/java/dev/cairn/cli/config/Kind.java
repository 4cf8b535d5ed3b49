package dev.cairn.cli.config;

import java.math.BigInteger;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a key holds, and how its text is checked. */
enum Kind {
  /** Any text that is not empty. */
  TEXT("text that is not empty") {
    @Override
    Object parse(String text) {
      if (text.isEmpty()) {
        throw new IllegalArgumentException("empty");
      }
      return text;
    }
  },
  /** Several texts: repeat the flag, write an array in TOML, separate by commas elsewhere. */
  LIST("one or more texts") {
    @Override
    Object parse(String text) {
      return TEXT.parse(text);
    }
  },
  /** Yes or no. */
  FLAG("true or false") {
    @Override
    Object parse(String text) {
      return switch (text) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new IllegalArgumentException("neither true nor false");
      };
    }
  },
  /** A whole number from 1. */
  COUNT("a whole number from 1 to 2147483647") {
    @Override
    Object parse(String text) {
      int count = Integer.parseInt(text);
      if (count < 1) {
        throw new IllegalArgumentException("less than 1");
      }
      return count;
    }
  },
  /** Bytes, with or without a unit. */
  SIZE("a size such as 65536, 64KiB, 8MiB or 1GiB") {
    @Override
    Object parse(String text) {
      Matcher match = SIZE_TEXT.matcher(text);
      if (!match.matches()) {
        throw new IllegalArgumentException("not a size");
      }
      int power =
          switch (match.group(2)) {
            case "KiB" -> 1;
            case "MiB" -> 2;
            case "GiB" -> 3;
            default -> 0;
          };
      return new BigInteger(match.group(1)).multiply(KIBI.pow(power)).longValueExact();
    }
  },
  /** A duration with its unit. */
  DURATION("a duration such as 500ms, 30s, 5min, 24h") {
    @Override
    Object parse(String text) {
      Matcher match = DURATION_TEXT.matcher(text);
      if (!match.matches()) {
        throw new IllegalArgumentException("not a duration");
      }
      long number = Long.parseLong(match.group(1));
      return switch (match.group(2)) {
        case "ms" -> Duration.ofMillis(number);
        case "s" -> Duration.ofSeconds(number);
        case "min" -> Duration.ofMinutes(number);
        default -> Duration.ofHours(number);
      };
    }
  };

  private static final BigInteger KIBI = BigInteger.valueOf(1024);
  private static final Pattern SIZE_TEXT = Pattern.compile("([1-9][0-9]{0,17})(|KiB|MiB|GiB)");
  private static final Pattern DURATION_TEXT = Pattern.compile("([1-9][0-9]{0,9})(ms|s|min|h)");

  private final String needed;

  Kind(String needed) {
    this.needed = needed;
  }

  /** Returns what is needed, for messages. */
  String needed() {
    return needed;
  }

  /**
   * Returns the value of {@code text}: String, Boolean, Integer, Long or Duration.
   *
   * @throws IllegalArgumentException or ArithmeticException if it is none
   */
  abstract Object parse(String text);
}
