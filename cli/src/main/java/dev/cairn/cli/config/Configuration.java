package dev.cairn.cli.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is in force: for every key its checked value and where it comes from. Immutable. Command
 * line wins over environment, that over the file, that over the default.
 */
public final class Configuration {
  /** Where the file is looked for if nobody names one; it need not be there. */
  public static final Path DEFAULT_FILE = Path.of("/etc/cairn/cairn.toml");

  private static final String FILE_VARIABLE = "CAIRN_CONFIG";
  private static final String PREFIX = "CAIRN_";

  /** Variables with the prefix that belong to the start script and to other commands. */
  private static final List<String> OTHER_VARIABLES =
      List.of(
          FILE_VARIABLE,
          "CAIRN_URL",
          "CAIRN_DEBUG",
          "CAIRN_HOME",
          "CAIRN_JAVA_OPTS",
          "CAIRN_ARCHIVE",
          "CAIRN_QUICKSTART_PORT");

  private record Entry(List<Object> values, List<String> texts, Origin origin) {}

  private final Map<Key, Entry> entries = new EnumMap<>(Key.class);

  private Configuration() {}

  /**
   * Collects and checks everything.
   *
   * @param file from {@code --config}; it must be there then
   * @param flags what the command line says, as text
   * @param environment all variables of the process
   * @param warnings is told about variables that look like a key and are none: an orchestrator may
   *     have set them for purposes of its own, so they are no error
   */
  public static Configuration load(
      Optional<Path> file,
      Map<Key, List<String>> flags,
      Map<String, String> environment,
      Consumer<String> warnings)
      throws ConfigurationException, IOException {
    Configuration configuration = new Configuration();
    for (Key key : Key.values()) {
      if (key.fallback().isPresent()) {
        configuration.put(key, List.of(key.fallback().get()), Origin.DEFAULT);
      }
    }
    Optional<Path> named =
        file.or(() -> Optional.ofNullable(environment.get(FILE_VARIABLE)).map(Path::of));
    Path path = named.orElse(DEFAULT_FILE);
    if (named.isPresent() || Files.exists(path)) {
      Origin origin = new Origin(path.toString());
      for (Map.Entry<Key, List<String>> entry : TomlFile.read(path).entrySet()) {
        configuration.put(entry.getKey(), entry.getValue(), origin);
      }
    }
    configuration.putEnvironment(environment, warnings);
    for (Map.Entry<Key, List<String>> entry : flags.entrySet()) {
      configuration.put(entry.getKey(), entry.getValue(), Origin.commandLine(entry.getKey()));
    }
    return configuration;
  }

  private void putEnvironment(Map<String, String> environment, Consumer<String> warnings)
      throws ConfigurationException {
    List<String> known = new ArrayList<>(OTHER_VARIABLES);
    for (Key key : Key.values()) {
      known.add(key.variable());
      String text = environment.get(key.variable());
      if (text != null) {
        List<String> texts = key.repeatable() ? Arrays.asList(text.split(",", -1)) : List.of(text);
        put(key, texts, Origin.environment(key));
      }
    }
    for (String variable : environment.keySet()) {
      if (variable.startsWith(PREFIX) && !known.contains(variable)) {
        warnings.accept(
            "environment variable %s: no such key, ignored%s"
                .formatted(variable, suggestion(variable, known)));
      }
    }
  }

  private void put(Key key, List<String> texts, Origin origin) throws ConfigurationException {
    List<Object> values = new ArrayList<>(texts.size());
    for (String text : texts) {
      try {
        values.add(key.kind().parse(text));
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new ConfigurationException(
            "%s (from %s): '%s': needs %s"
                .formatted(key.label(), origin.text(), text, key.kind().needed()),
            e);
      }
    }
    if (values.isEmpty()) {
      throw new ConfigurationException(
          "%s (from %s): an empty list: needs %s"
              .formatted(key.label(), origin.text(), key.kind().needed()));
    }
    entries.put(key, new Entry(values, List.copyOf(texts), origin));
  }

  /** Returns {@code : did you mean X?}, or nothing where no name is near. */
  static String suggestion(String wrong, List<String> known) {
    return NearestName.of(wrong, known).map(name -> ": did you mean " + name + "?").orElse("");
  }

  /** Returns the text of {@code key}, or nothing if there is none. */
  public Optional<String> text(Key key) {
    return first(key, String.class);
  }

  /** Returns all texts of {@code key}. */
  public List<String> texts(Key key) {
    Entry entry = entries.get(key);
    return entry == null ? List.of() : entry.texts();
  }

  /** Returns the number of {@code key}, which has a default. */
  public int count(Key key) {
    return required(key, Integer.class);
  }

  /** Returns the size of {@code key} in bytes; it has a default. */
  public long bytes(Key key) {
    return required(key, Long.class);
  }

  /** Returns the duration of {@code key}, which has a default. */
  public Duration duration(Key key) {
    return required(key, Duration.class);
  }

  /**
   * Returns the value of {@code key} as one text, for parts that take their settings so: a list
   * with commas, a duration in milliseconds, all else as it was given; nothing if it has none.
   */
  public Optional<String> setting(Key key) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    return Optional.of(
        entry.values().get(0) instanceof Duration duration
            ? Long.toString(duration.toMillis())
            : String.join(",", entry.texts()));
  }

  /** Returns where the value of {@code key} comes from; nothing if it has none. */
  public Optional<String> origin(Key key) {
    return Optional.ofNullable(entries.get(key)).map(entry -> entry.origin().text());
  }

  private <T> T required(Key key, Class<T> type) {
    return first(key, type)
        .orElseThrow(() -> new IllegalStateException(key + " has neither value nor default"));
  }

  private <T> Optional<T> first(Key key, Class<T> type) {
    Entry entry = entries.get(key);
    return entry == null ? Optional.empty() : Optional.of(type.cast(entry.values().get(0)));
  }
}
