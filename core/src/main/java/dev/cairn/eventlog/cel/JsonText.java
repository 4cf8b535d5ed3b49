package dev.cairn.eventlog.cel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.cairn.eventlog.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Parsers as strict as CEL-JSON wants them, and values in their shortest form. */
final class JsonText {
  /** How deep content may be that nobody knows. */
  private static final int MAX_CONTENT_DEPTH = 30;

  private static final int MAX_NAME = 256;
  private static final int MAX_NUMBER = 100;
  private static final int SLACK = 256;

  /** Writes only; makes no difference between threads. */
  static final JsonFactory WRITING = new JsonFactory();

  private JsonText() {}

  /**
   * Returns a source of parsers.
   *
   * @param outside how many arrays and objects stand around the content
   */
  static JsonFactory reading(Limits limits, int outside) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_CONTENT_DEPTH + outside)
                .maxNameLength(MAX_NAME)
                .maxNumberLength(MAX_NUMBER)
                .maxStringLength(hexadecimal(limits.maxContentBytes()))
                .build())
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .build();
  }

  /** Returns how long the text of {@code bytes} bytes is, quotes and a few keys included. */
  static int hexadecimal(int bytes) {
    return (int) Math.min(2L * bytes + SLACK, Integer.MAX_VALUE);
  }

  /**
   * Copies the value at which {@code parser} is, without white space, numbers as they are written.
   *
   * @throws ContentTooLongException if it takes more than {@code maxBytes}
   */
  static byte[] compact(JsonParser parser, int maxBytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator generator = WRITING.createGenerator(out)) {
      int depth = 0;
      JsonToken token = parser.currentToken();
      while (true) {
        copy(parser, token, generator);
        if (token.isStructStart()) {
          depth++;
        } else if (token.isStructEnd()) {
          depth--;
        }
        if (out.size() > maxBytes) {
          throw new ContentTooLongException();
        }
        if (depth == 0 && token != JsonToken.FIELD_NAME) {
          break;
        }
        token = parser.nextToken();
        if (token == null) {
          throw new IllegalStateException("a parser ends no document inside a value");
        }
      }
    }
    if (out.size() > maxBytes) {
      throw new ContentTooLongException();
    }
    return out.toByteArray();
  }

  private static void copy(JsonParser parser, JsonToken token, JsonGenerator generator)
      throws IOException {
    switch (token) {
      case START_OBJECT -> generator.writeStartObject();
      case END_OBJECT -> generator.writeEndObject();
      case START_ARRAY -> generator.writeStartArray();
      case END_ARRAY -> generator.writeEndArray();
      case FIELD_NAME -> generator.writeFieldName(parser.currentName());
      case VALUE_STRING ->
          generator.writeString(
              parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> generator.writeNumber(parser.getText());
      case VALUE_TRUE -> generator.writeBoolean(true);
      case VALUE_FALSE -> generator.writeBoolean(false);
      case VALUE_NULL -> generator.writeNull();
      default -> throw new IllegalStateException("no such token in JSON: " + token);
    }
  }

  /** What is kept unread is longer than content may be. */
  static final class ContentTooLongException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
