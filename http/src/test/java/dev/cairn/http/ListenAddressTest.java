package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8006, 127.0.0.1:8006",
    "localhost:0, 127.0.0.1:0",
    "[::1]:8006, [::1]:8006",
    "0.0.0.0:80, 0.0.0.0:80",
    "unix:/run/cairn/cairn.sock, unix:/run/cairn/cairn.sock",
  })
  void anAddressIsWrittenAsItIsRead(String text, String written) {
    assertThat(ListenAddress.parse(text)).hasToString(written);
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:1, true", "127.9.9.9:1, true", "[::1]:1, true", "0.0.0.0:1, false"})
  void onlyLoopbackIsLoopback(String text, boolean loopback) {
    assertThat(((ListenAddress.Tcp) ListenAddress.parse(text)).isLoopback()).isEqualTo(loopback);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "8006", ":8006", "host.example:80", "127.0.0.1:", "127.0.0.1:65536", "unix:"})
  void anythingElseIsRefusedWithWhatIsNeeded(String text) {
    assertThatThrownBy(() -> ListenAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs");
  }
}
