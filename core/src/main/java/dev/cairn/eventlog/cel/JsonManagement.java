package dev.cairn.eventlog.cel;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.eventlog.Management;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * {@code {"type":…,"data":…}} of content type cel. Names may be numbers, as libcel reads and writes
 * them.
 */
final class JsonManagement {
  private long type = -1;
  private boolean hasData;
  private boolean isNumber;
  private long number;
  private @Nullable String text;
  private long major = -1;
  private long minor = -1;

  private JsonManagement() {}

  /** Returns the record, or null if the value is not exactly one of the four. */
  static @Nullable Management parse(JsonParser parser) throws IOException {
    JsonManagement fields = new JsonManagement();
    return fields.read(parser) ? fields.build() : null;
  }

  private boolean read(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return false;
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      boolean known =
          switch (key) {
            case JsonNames.TYPE -> readType(parser);
            case JsonNames.DATA -> readData(parser);
            default -> false;
          };
      if (!known) {
        return false;
      }
    }
    return true;
  }

  private boolean readType(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      type = unsigned(parser, ContentTypes.MAX_U32);
      return type >= 0;
    }
    type =
        switch (parser.getText()) {
          case JsonNames.CEL_VERSION -> ContentTypes.CEL_VERSION;
          case JsonNames.FIRMWARE_END -> ContentTypes.FIRMWARE_END;
          case JsonNames.CEL_TIMESTAMP -> ContentTypes.CEL_TIMESTAMP;
          case JsonNames.STATE_TRANS -> ContentTypes.STATE_TRANS;
          default -> -1;
        };
    return type >= 0;
  }

  private boolean readData(JsonParser parser) throws IOException {
    hasData = true;
    switch (parser.currentToken()) {
      case VALUE_STRING -> text = parser.getText();
      case VALUE_NUMBER_INT -> {
        return readNumber(parser.getText());
      }
      case START_OBJECT -> {
        return readVersion(parser);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean readNumber(String digits) {
    try {
      number = Long.parseUnsignedLong(digits);
      isNumber = true;
      return digits.charAt(0) != '-';
    } catch (NumberFormatException e) {
      return false; // kept as text
    }
  }

  private boolean readVersion(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      long value = unsigned(parser, ContentTypes.MAX_U16);
      switch (key) {
        case JsonNames.MAJOR -> major = value;
        case JsonNames.MINOR -> minor = value;
        default -> {
          return false;
        }
      }
      if (value < 0) {
        return false;
      }
    }
    return major >= 0 && minor >= 0;
  }

  private static long unsigned(JsonParser parser, long max) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      return -1;
    }
    long value = ContentTypes.numberOf(parser.getText());
    return value <= max ? value : -1;
  }

  private @Nullable Management build() {
    return switch ((int) type) {
      case ContentTypes.CEL_VERSION ->
          major >= 0 ? new Management.CelVersion((int) major, (int) minor) : null;
      case ContentTypes.FIRMWARE_END -> hasData ? null : new Management.FirmwareEnd();
      case ContentTypes.CEL_TIMESTAMP -> isNumber ? new Management.Timestamp(number) : null;
      case ContentTypes.STATE_TRANS -> stateTransition();
      default -> null;
    };
  }

  private @Nullable Management stateTransition() {
    long state = text == null ? number : JsonNames.STATES.indexOf(text);
    boolean valid = (isNumber || text != null) && state >= 0 && state <= ContentTypes.MAX_U32;
    return valid ? new Management.StateTransition(state) : null;
  }
}
