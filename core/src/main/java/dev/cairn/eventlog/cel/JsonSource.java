package dev.cairn.eventlog.cel;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.util.HexFormat;

/** A parser that knows where in the log it is, and says of a wrong value which field has it. */
final class JsonSource {
  private final LogFormat format;
  private final JsonParser parser;
  private final long base;

  /**
   * Wraps {@code parser}.
   *
   * @param base offset in the log of the parser's first byte
   */
  JsonSource(LogFormat format, JsonParser parser, long base) {
    this.format = format;
    this.parser = parser;
    this.base = base;
  }

  JsonParser parser() {
    return parser;
  }

  LogFormat format() {
    return format;
  }

  /** Returns where the current token begins. */
  long tokenOffset() {
    return base + Math.max(0, parser.currentTokenLocation().getByteOffset());
  }

  /** Returns where the current token ends. */
  long endOffset() {
    return base + Math.max(0, parser.currentLocation().getByteOffset());
  }

  MalformedLogException malformed(String reason) {
    return new MalformedLogException(format, tokenOffset(), reason);
  }

  /** Says in our terms what the parser has found. */
  MalformedLogException malformed(JsonProcessingException e) {
    JsonLocation location = e.getLocation();
    long at = location == null ? -1 : location.getByteOffset();
    return new MalformedLogException(
        format, at < 0 ? tokenOffset() : base + at, e.getOriginalMessage(), e);
  }

  void require(String field, JsonToken token, String what) throws MalformedLogException {
    if (parser.currentToken() != token) {
      throw malformed(field + ": needs " + what);
    }
  }

  /** Returns an unsigned number. */
  long number(String field, long max) throws IOException {
    require(field, JsonToken.VALUE_NUMBER_INT, "a number");
    String text = parser.getText();
    try {
      long value = Long.parseUnsignedLong(text);
      if (text.charAt(0) != '-' && Long.compareUnsigned(value, max) <= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw range(field, max, e);
    }
    throw range(field, max, null);
  }

  private MalformedLogException range(
      String field, long max, @org.jspecify.annotations.Nullable NumberFormatException cause) {
    return new MalformedLogException(
        format,
        tokenOffset(),
        "%s: needs 0 to %s".formatted(field, Long.toUnsignedString(max)),
        cause);
  }

  String text(String field) throws IOException {
    require(field, JsonToken.VALUE_STRING, "a string");
    String text = parser.getText();
    if (!CelChecks.isUnicode(text)) {
      throw malformed(field + ": a lone surrogate is no Unicode");
    }
    return text;
  }

  Bytes hex(String field) throws IOException {
    require(field, JsonToken.VALUE_STRING, "a string of hexadecimal digits");
    int from = parser.getTextOffset();
    try {
      return Bytes.owning(
          HexFormat.of().parseHex(parser.getTextCharacters(), from, from + parser.getTextLength()));
    } catch (IllegalArgumentException e) {
      throw new MalformedLogException(
          format, tokenOffset(), field + ": needs an even number of hexadecimal digits", e);
    }
  }
}
