package dev.cairn.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.cel.CelCbor;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Opens logs among the vectors by the format that is said of them. */
final class VectorLogs {
  private VectorLogs() {}

  /** Returns a log of which expected.json says that it has {@code format}. */
  static LogSource of(String name, String format) {
    return of(name, format, Vectors.bytes(name));
  }

  static LogSource of(String name, String format, byte[] bytes) {
    return new LogSource() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public EventReader open() throws IOException {
        return reader(format, new ByteArrayInputStream(bytes));
      }
    };
  }

  /** Returns what expected.json says of {@code name}, as JSON. */
  static byte[] entry(String name) throws IOException {
    JsonFactory json = new JsonFactory();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonParser parser = json.createParser(Vectors.bytes("expected.json"));
        JsonGenerator copy = json.createGenerator(out)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        if (key.equals(name)) {
          copy.copyCurrentStructure(parser);
          break;
        }
        parser.skipChildren();
      }
    }
    return out.toByteArray();
  }

  /** Returns whether {@code format} of a vector is one that Cairn reads. */
  static boolean canRead(String format) {
    return format.startsWith("tcg2")
        || format.startsWith("ima-binary")
        || format.equals("cel-tlv")
        || format.equals("cel-json")
        || format.equals("cel-cbor");
  }

  private static EventReader reader(String format, InputStream in) throws IOException {
    return format.equals("cel-cbor") ? CelCbor.reader(in, Limits.DEFAULT) : EventLogs.open(in);
  }
}
