package dev.cairn.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as maps, lists, strings, longs and booleans: for expected values in tests. */
public final class Json {
  private Json() {}

  /** Returns the value in {@code utf8}. */
  public static Object parse(byte[] utf8) {
    try (JsonParser parser = new JsonFactory().createParser(utf8)) {
      parser.nextToken();
      return value(parser);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the object in {@code utf8}. */
  public static Map<String, Object> parseObject(byte[] utf8) {
    return object(parse(utf8));
  }

  /** Returns {@code value}, which is an object. */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }

  /** Returns the object that {@code object} has as {@code key}; an empty one if it has none. */
  public static Map<String, Object> object(Map<String, Object> object, String key) {
    return object(object.getOrDefault(key, Map.of()));
  }

  /** Returns the number that {@code object} has as {@code key}. */
  public static int number(Map<String, Object> object, String key) {
    if (object.get(key) instanceof Long number) {
      return Math.toIntExact(number);
    }
    throw new AssertionError("no number " + key + " in " + object);
  }

  /** Returns the text that {@code object} has as {@code key}. */
  public static String text(Map<String, Object> object, String key) {
    if (object.get(key) instanceof String text) {
      return text;
    }
    throw new AssertionError("no text " + key + " in " + object.keySet());
  }

  /** Returns the list that {@code object} has as {@code key}. */
  public static List<?> list(Map<String, Object> object, String key) {
    if (object.get(key) instanceof List<?> list) {
      return list;
    }
    throw new AssertionError("no list " + key + " in " + object.keySet());
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> object = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          object.put(key, value(parser));
        }
        yield object;
      }
      case START_ARRAY -> {
        List<Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(value(parser));
        }
        yield array;
      }
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      case VALUE_NULL -> "null";
      default -> parser.getText();
    };
  }
}
