package dev.cairn.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KindTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "4096, 4096", "64KiB, 65536", "8MiB, 8388608", "1GiB, 1073741824"})
  void whenASizeIsGiven_thenItIsInBytes(String text, long bytes) {
    assertThat(Kind.SIZE.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({"500ms, PT0.5S", "30s, PT30S", "5min, PT5M", "24h, PT24H"})
  void whenADurationIsGiven_thenItsUnitCounts(String text, Duration duration) {
    assertThat(Kind.DURATION.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource({
    "TEXT, ''",
    "FLAG, yes",
    "FLAG, ''",
    "COUNT, 0",
    "COUNT, -1",
    "COUNT, 1.5",
    "COUNT, 2147483648",
    "SIZE, 0",
    "SIZE, 1kb",
    "SIZE, 999999999999999999GiB",
    "DURATION, 30",
    "DURATION, 0s"
  })
  void whenTheTextDoesNotFit_thenItIsRefused(Kind kind, String text) {
    assertThatThrownBy(() -> kind.parse(text))
        .isInstanceOfAny(IllegalArgumentException.class, ArithmeticException.class);
  }
}
