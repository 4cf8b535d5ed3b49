package dev.cairn.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConfigurationTest {
  @TempDir Path folder;

  private final Map<Key, List<String>> flags = new EnumMap<>(Key.class);
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> warnings = new ArrayList<>();

  private Configuration load(String toml) throws ConfigurationException, IOException {
    Path file = Files.writeString(folder.resolve("cairn.toml"), toml);
    return Configuration.load(Optional.of(file), flags, environment, warnings::add);
  }

  @ParameterizedTest
  @EnumSource(Key.class)
  void whenNobodySaysAnything_thenTheDefaultHolds(Key key) throws Exception {
    Configuration configuration = load("");

    assertThat(configuration.texts(key)).isEqualTo(key.fallback().stream().toList());
    assertThat(configuration.origin(key)).isEqualTo(key.fallback().map(text -> "default"));
  }

  @Nested
  class GivenAValueInEveryPlace {
    private static final String FILE = "queue-limit = 1\n";

    @Test
    void whenTheFileIsAlone_thenItWinsOverTheDefault() throws Exception {
      assertThat(load(FILE).count(Key.QUEUE_LIMIT)).isEqualTo(1);
    }

    @Test
    void whenTheEnvironmentHasIt_thenItWinsOverTheFile() throws Exception {
      environment.put("CAIRN_QUEUE_LIMIT", "2");

      Configuration configuration = load(FILE);

      assertThat(configuration.count(Key.QUEUE_LIMIT)).isEqualTo(2);
      assertThat(configuration.origin(Key.QUEUE_LIMIT)).hasValue("CAIRN_QUEUE_LIMIT");
    }

    @Test
    void whenTheCommandLineHasIt_thenItWinsOverAll() throws Exception {
      environment.put("CAIRN_QUEUE_LIMIT", "2");
      flags.put(Key.QUEUE_LIMIT, List.of("3"));

      Configuration configuration = load(FILE);

      assertThat(configuration.count(Key.QUEUE_LIMIT)).isEqualTo(3);
      assertThat(configuration.origin(Key.QUEUE_LIMIT)).hasValue("--queue-limit");
    }
  }

  @Test
  void whenAKeyIsInATable_thenItsNameIsDotted() throws Exception {
    Configuration configuration = load("[http]\nbody-limit = '2MiB'\nidle-timeout = '90s'\n");

    assertThat(configuration.bytes(Key.BODY_LIMIT)).isEqualTo(2 << 20);
    assertThat(configuration.duration(Key.IDLE_TIMEOUT)).isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void whenAListIsGiven_thenAllOfItCounts() throws Exception {
    assertThat(load("listen = ['unix:/run/a', '127.0.0.1:1']").texts(Key.LISTEN))
        .containsExactly("unix:/run/a", "127.0.0.1:1");
  }

  @Test
  void whenAListIsInTheEnvironment_thenCommasDivideIt() throws Exception {
    environment.put("CAIRN_LISTEN", "unix:/run/a,127.0.0.1:1");

    assertThat(load("").texts(Key.LISTEN)).containsExactly("unix:/run/a", "127.0.0.1:1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stat = '/x'|stat: no such key: did you mean state?",
        "[http]\\nbody_limit = '1MiB'|http.body_limit: no such key: did you mean http.body-limit?",
        "queue-limit = 0|queue-limit (from",
        "queue-limit = 'many'|'many': needs a whole number",
        "listen = []|listen (from",
        "state = 1979-05-27|state: 1979-05-27: needs text",
        "state = ['a', 'b']|state: [a, b]: needs text",
        "state = |not TOML"
      })
  void whenTheFileIsWrong_thenTheErrorNamesKeyAndNeed(String toml, String said) {
    assertThatThrownBy(() -> load(toml.replace("\\n", "\n")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(said);
  }

  @Test
  void whenAVariableIsNoKey_thenItIsIgnoredWithAWarning() throws Exception {
    environment.put("CAIRN_STAT", "/x");
    environment.put("PATH", "/bin");

    load("");

    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0)).contains("CAIRN_STAT", "did you mean CAIRN_STATE?");
  }

  @Test
  void whenANamedFileIsMissing_thenThatIsAnError() {
    Path missing = folder.resolve("missing.toml");

    assertThatThrownBy(
            () -> Configuration.load(Optional.of(missing), flags, environment, warnings::add))
        .isInstanceOf(NoSuchFileException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "BODY_LIMIT, http.body-limit, --http-body-limit, CAIRN_HTTP_BODY_LIMIT",
    "STATE, state, --state, CAIRN_STATE"
  })
  void whenAKeyIsSpelt_thenOneNameHasThreeForms(
      Key key, String label, String flag, String variable) {
    assertThat(key.label()).isEqualTo(label);
    assertThat(key.flag()).isEqualTo(flag);
    assertThat(key.variable()).isEqualTo(variable);
  }
}
