package dev.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.cli.config.Key;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ServeCommandTest {
  @TempDir Path folder;
  private final TestConsole console = new TestConsole();

  @ParameterizedTest
  @EnumSource(Key.class)
  void whenHelpIsAsked_thenEveryKeyIsAnOption(Key key) {
    console.run("serve", "--help");

    assertThat(console.out()).contains(key.flag() + "=");
  }

  @Test
  void whenNoBackendIsNamed_thenItRefusesAndSaysWhy() {
    assertThat(console.run("serve", "--state", folder.resolve("s").toString()))
        .isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains("--backend tpm", "--backend emulator");
  }

  @Test
  void whenTheBackendDoesNotExist_thenTheOnesThatDoAreNamed() {
    assertThat(console.run("serve", "--backend", "tpn", "--state", folder.toString()))
        .isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains("'tpn'", "emulator");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--queue-limit=0|queue-limit (from --queue-limit): '0'",
        "--queue-limit=2000000|queue limit 2000000",
        "--on-divergence=ignore|on-divergence: 'ignore'",
        "--listen=nowhere|nowhere: needs HOST:PORT",
        "--http-heartbeat=2min|heartbeat",
        "--emulator-registers=|emulator.registers"
      })
  void whenAValueIsOutOfRange_thenItsKeyIsNamed(String option, String said) {
    int status = console.run("serve", "--backend=emulator", "--print-config", option);

    assertThat(status).isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains("configuration: ", said);
  }

  @Test
  void whenTheFileHasAnUnknownKey_thenTheNearestIsNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("c.toml"), "[http]\nbody-limt = '1MiB'\n");

    assertThat(console.run("serve", "--config", file.toString()))
        .isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains("http.body-limt", "did you mean http.body-limit?");
  }

  @Test
  void whenTheConfigurationIsPrinted_thenItIsTomlThatReadsBackWithItsOrigins() throws Exception {
    console.run("serve", "--print-config", "--state", "/x\"y", "--listen", "127.0.0.1:1");
    Path printed = Files.writeString(folder.resolve("printed.toml"), console.out());
    TestConsole second = new TestConsole();

    assertThat(second.run("serve", "--config", printed.toString(), "--print-config", "--json"))
        .isZero();
    assertThat(console.out())
        .contains("state = \"/x\\\"y\"")
        .containsPattern("listen = \\[\"127.0.0.1:1\"] +# --listen");
    assertThat(second.out()).contains("\"/x\\\"y\"", printed.toString());
  }
}
