package dev.cairn.cli;

import dev.cairn.cli.config.Configuration;
import dev.cairn.cli.config.Key;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The configuration in force: TOML that could be used as a file, each line with its origin. */
final class PrintedConfiguration {
  private final Configuration configuration;

  PrintedConfiguration(Configuration configuration) {
    this.configuration = configuration;
  }

  void print(Console console, boolean json) throws IOException {
    if (json) {
      printJson(console);
      return;
    }
    for (Key key : Key.values()) {
      if (configuration.origin(key).isEmpty()) {
        console.println("# %s is not set".formatted(key.label()));
      } else {
        console.println(
            "%-48s # %s"
                .formatted(key.label() + " = " + value(key), configuration.origin(key).get()));
      }
    }
  }

  private String value(Key key) {
    List<String> quoted = new ArrayList<>();
    for (String text : configuration.texts(key)) {
      quoted.add(key.isText() ? quote(text) : text);
    }
    return key.repeatable() ? "[" + String.join(", ", quoted) + "]" : quoted.get(0);
  }

  /** Writes a basic string of TOML. */
  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < 0x20 || c == 0x7F) {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private void printJson(Console console) throws IOException {
    Json.print(
        console,
        out -> {
          for (Key key : Key.values()) {
            out.writeObjectFieldStart(key.label());
            List<String> texts = configuration.texts(key);
            if (key.repeatable()) {
              out.writeFieldName("value");
              out.writeArray(texts.toArray(String[]::new), 0, texts.size());
            } else {
              out.writeStringField("value", texts.isEmpty() ? null : texts.get(0));
            }
            out.writeStringField("origin", configuration.origin(key).orElse("not set"));
            out.writeEndObject();
          }
        });
  }
}
