package dev.cairn.cli.config;

import com.electronwill.nightconfig.core.UnmodifiableConfig;
import com.electronwill.nightconfig.core.io.ParsingException;
import com.electronwill.nightconfig.toml.TomlParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the configuration file. The only class that knows the TOML library, so that it is loaded
 * only where there is a file.
 */
final class TomlFile {
  private final Path path;
  private final Map<Key, List<String>> found = new EnumMap<>(Key.class);

  private TomlFile(Path path) {
    this.path = path;
  }

  /**
   * Returns the texts of all keys in {@code path}.
   *
   * @throws ConfigurationException if it is no TOML, or has a key that does not exist
   */
  static Map<Key, List<String>> read(Path path) throws ConfigurationException, IOException {
    TomlFile file = new TomlFile(path);
    try (Reader reader = Files.newBufferedReader(path)) {
      file.collect("", new TomlParser().parse(reader));
    } catch (ParsingException e) {
      throw new ConfigurationException(path + ": not TOML: " + e.getMessage(), e);
    }
    return file.found;
  }

  private void collect(String prefix, UnmodifiableConfig table) throws ConfigurationException {
    for (UnmodifiableConfig.Entry entry : table.entrySet()) {
      String label = prefix + entry.getKey();
      Object value = entry.getRawValue();
      if (value instanceof UnmodifiableConfig inner) {
        collect(label + ".", inner);
      } else {
        put(label, value);
      }
    }
  }

  private void put(String label, Object value) throws ConfigurationException {
    Key key =
        Key.ofLabel(label)
            .orElseThrow(
                () ->
                    new ConfigurationException(
                        "%s: %s: no such key%s"
                            .formatted(
                                path, label, Configuration.suggestion(label, Key.labels()))));
    List<String> texts = new ArrayList<>();
    if (value instanceof List<?> list && key.repeatable()) {
      for (Object element : list) {
        texts.add(scalar(key, element));
      }
    } else {
      texts.add(scalar(key, value));
    }
    found.put(key, texts);
  }

  private String scalar(Key key, Object value) throws ConfigurationException {
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    throw new ConfigurationException(
        "%s: %s: %s: needs %s".formatted(path, key.label(), value, key.kind().needed()));
  }
}
