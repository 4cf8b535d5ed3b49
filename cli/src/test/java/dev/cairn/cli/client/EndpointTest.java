package dev.cairn.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:8006, http://127.0.0.1:8006",
    "http://localhost, http://localhost:8006",
    "http://[::1]:9/, http://[::1]:9",
    "https://example.org:1/cairn/, https://example.org:1/cairn",
    "unix:/run/c.sock, unix:/run/c.sock",
    "unix:///run/c.sock, unix:/run/c.sock",
    "unix:c.sock, unix:c.sock"
  })
  void whenAUrlIsGiven_thenItIsUnderstood(String url, String meaning) {
    assertThat(Endpoint.parse(url)).hasToString(meaning);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "unix:",
        "/run/c.sock",
        "127.0.0.1:8006",
        "ftp://host",
        "http://",
        "http://user@host",
        "http://host/?q",
        "http://ho st"
      })
  void whenAUrlIsAnythingElse_thenTheErrorSaysWhatIsNeeded(String url) {
    assertThatThrownBy(() -> Endpoint.parse(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unix:PATH");
  }
}
