package dev.cairn.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /aa/aael}, as strict and as lenient as the agent's parser: an object, or
 * an array of the three texts; unknown names are ignored, a name that comes twice, another type and
 * bytes behind the end are errors.
 *
 * @param domain who measures
 * @param operation what happened
 * @param content anything
 * @param registerIndex the PCR that the caller names, a u64; nothing for the configured one
 * @see "confidential-containers/guest-components, api-server-rest/src/client/aa.rs; trustiflux for
 *     register_index"
 */
record CocoBody(String domain, String operation, String content, Optional<Long> registerIndex) {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(128) // the agent's parser stops there
                  .maxStringLength(Integer.MAX_VALUE) // the body's limit is the limit
                  .build())
          .build();
  private static final BigInteger MAX_U64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  /** What is wrong with a body, in the words that the agent's clients get. */
  static final class IllegalBodyException extends Exception {
    private static final long serialVersionUID = 1L;

    IllegalBodyException(String message) {
      super(message);
    }
  }

  /**
   * Parses {@code body}.
   *
   * @throws IllegalBodyException naming what is wrong, and line and column
   */
  static CocoBody parse(byte[] body) throws IllegalBodyException {
    int malformed = Utf8.firstMalformed(body);
    if (malformed >= 0) {
      throw new IllegalBodyException("invalid unicode code point at byte " + malformed);
    }
    try (JsonParser json = FACTORY.createParser(body)) {
      Fields fields = new Fields();
      JsonToken first = json.nextToken();
      if (first == null) {
        throw new IllegalBodyException("EOF while parsing a value at line 1 column 0");
      } else if (first == JsonToken.START_OBJECT) {
        fields.readObject(json);
      } else if (first == JsonToken.START_ARRAY) {
        fields.readArray(json);
      } else {
        throw at(json, "invalid type: expected struct AaelRequest");
      }
      CocoBody read = fields.build(json);
      if (json.nextToken() != null) {
        throw at(json, "trailing characters");
      }
      return read;
    } catch (JsonProcessingException e) {
      JsonLocation where = e.getLocation();
      throw new IllegalBodyException(
          "%s at line %d column %d"
              .formatted(
                  Problem.shorten(e.getOriginalMessage()),
                  where == null ? 1 : where.getLineNr(),
                  where == null ? 0 : where.getColumnNr()));
    } catch (IOException e) {
      throw new IllegalStateException("an array cannot fail to be read", e);
    }
  }

  private static IllegalBodyException at(JsonParser json, String what) {
    JsonLocation where = json.currentLocation();
    return new IllegalBodyException(
        "%s at line %d column %d".formatted(what, where.getLineNr(), where.getColumnNr() - 1));
  }

  /** What was read so far. */
  private static final class Fields {
    private @Nullable String domain;
    private @Nullable String operation;
    private @Nullable String content;
    private @Nullable Long registerIndex;

    void readObject(JsonParser json) throws IOException, IllegalBodyException {
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        json.nextToken();
        switch (name) {
          case "domain" -> domain = once(json, name, domain);
          case "operation" -> operation = once(json, name, operation);
          case "content" -> content = once(json, name, content);
          case "register_index" -> registerIndex = index(json, registerIndex);
          default -> json.skipChildren();
        }
      }
    }

    void readArray(JsonParser json) throws IOException, IllegalBodyException {
      json.nextToken();
      domain = once(json, "domain", null);
      json.nextToken();
      operation = once(json, "operation", null);
      json.nextToken();
      content = once(json, "content", null);
      if (json.nextToken() != JsonToken.END_ARRAY) {
        throw at(json, "trailing characters");
      }
    }

    private static String once(JsonParser json, String name, @Nullable String before)
        throws IOException, IllegalBodyException {
      if (before != null) {
        throw at(json, "duplicate field `" + name + "`");
      }
      if (json.currentToken() != JsonToken.VALUE_STRING) {
        throw at(json, name + ": invalid type: expected a string");
      }
      String text = json.getText();
      for (int i = 0; i < text.length(); i++) {
        if (Character.isHighSurrogate(text.charAt(i))
            && i + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(i + 1))) {
          i++;
        } else if (Character.isSurrogate(text.charAt(i))) {
          throw at(json, name + ": lone leading surrogate in hex escape");
        }
      }
      return text;
    }

    private static @Nullable Long index(JsonParser json, @Nullable Long before)
        throws IOException, IllegalBodyException {
      if (before != null) {
        throw at(json, "duplicate field `register_index`");
      }
      if (json.currentToken() == JsonToken.VALUE_NULL) {
        return null;
      }
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw at(json, "register_index: invalid type: expected u64");
      }
      BigInteger number = json.getBigIntegerValue();
      if (number.signum() < 0 || number.compareTo(MAX_U64) > 0) {
        throw at(json, "register_index: invalid value: expected u64");
      }
      return number.longValue();
    }

    CocoBody build(JsonParser json) throws IllegalBodyException {
      if (domain == null) {
        throw at(json, "missing field `domain`");
      }
      if (operation == null) {
        throw at(json, "missing field `operation`");
      }
      if (content == null) {
        throw at(json, "missing field `content`");
      }
      return new CocoBody(domain, operation, content, Optional.ofNullable(registerIndex));
    }
  }
}
