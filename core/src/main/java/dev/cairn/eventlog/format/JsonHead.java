package dev.cairn.eventlog.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * What the beginning of a JSON text shows, up to where it is cut or stops being JSON: the keys of
 * its first object and the content types of all its records.
 */
final class JsonHead {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final Set<String> firstKeys = new HashSet<>();
  private final Set<String> contentTypes = new HashSet<>();
  private boolean array;
  private boolean objectAsContent;
  private boolean firstObjectDone;

  private JsonHead() {}

  static JsonHead of(Bytes text) {
    JsonHead head = new JsonHead();
    try (JsonParser parser = FACTORY.createParser(text.toArray())) {
      head.array = parser.nextToken() == JsonToken.START_ARRAY;
      JsonToken token = head.array ? parser.nextToken() : parser.currentToken();
      while (token == JsonToken.START_OBJECT) {
        head.object(parser);
        head.firstObjectDone = true;
        token = parser.nextToken();
      }
    } catch (IOException e) {
      return head; // cut, or no JSON from here on: what was seen before has to do
    }
    return head;
  }

  private void object(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      if (!firstObjectDone) {
        firstKeys.add(key);
      }
      JsonToken value = parser.nextToken();
      if (key.equals("content_type") && value == JsonToken.VALUE_STRING) {
        contentTypes.add(parser.getText());
      }
      if (key.equals("content") && !firstObjectDone) {
        objectAsContent = value == JsonToken.START_OBJECT;
      }
      parser.skipChildren();
    }
  }

  /** Whether it is an array. */
  boolean isArray() {
    return array;
  }

  /** Whether the first object has all of {@code keys}. */
  boolean firstHas(String... keys) {
    return firstKeys.containsAll(Set.of(keys));
  }

  /** Whether there was no object at all. */
  boolean isEmpty() {
    return firstKeys.isEmpty();
  }

  /** Whether any record has this content type. */
  boolean hasContentType(String type) {
    return contentTypes.contains(type);
  }

  /** Whether the first record's content is an object, as systemd writes it. */
  boolean firstContentIsObject() {
    return objectAsContent;
  }
}
