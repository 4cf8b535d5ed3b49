package dev.cairn.backend.tpm.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TpmAddressTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "device:/dev/tpmrm0",
        "unix:/run/swtpm/s",
        "tcp:localhost:2321",
        "tcp:127.0.0.1:65535",
        "tcp:[::1]:1"
      })
  void given_an_address_when_parsed_then_it_prints_as_it_was(String text) {
    TpmAddress address = TpmAddress.parse(text);

    assertThat(address).hasToString(text);
    assertThat(address.connector().address()).isEqualTo(text);
  }

  @Test
  void given_each_kind_when_parsed_then_its_parts_are_known() {
    assertThat(TpmAddress.parse("device:/dev/tpm0"))
        .isEqualTo(new TpmAddress.Device(Path.of("/dev/tpm0")));
    assertThat(TpmAddress.parse("unix:/s")).isEqualTo(new TpmAddress.UnixSocket(Path.of("/s")));
    assertThat(TpmAddress.parse("tcp:[fe80::1]:42")).isEqualTo(new TpmAddress.Tcp("fe80::1", 42));
  }

  @ParameterizedTest
  @CsvSource({
    "/dev/tpm0, device:PATH",
    "'', device:PATH",
    "file:/dev/tpm0, device:PATH",
    "device:, absolute path",
    "device:dev/tpm0, absolute path",
    "unix:s, absolute path",
    "tcp:, tcp:HOST:PORT",
    "tcp:localhost, tcp:HOST:PORT",
    "tcp:localhost:, tcp:HOST:PORT",
    "tcp:localhost:0, tcp:HOST:PORT",
    "tcp:localhost:65536, tcp:HOST:PORT",
    "tcp:localhost:99999999999, tcp:HOST:PORT",
    "tcp:localhost:-1, tcp:HOST:PORT",
    "tcp::1, tcp:HOST:PORT",
    "tcp:::1:2321, IPv6 as [ADDRESS]",
  })
  void given_something_else_when_parsed_then_refused_with_what_would_do(
      String text, String remedy) {
    assertThatThrownBy(() -> TpmAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining(remedy);
  }

  @Test
  void given_a_socket_path_that_the_kernel_cannot_take_when_parsed_then_refused() {
    String fits = "unix:/" + "x".repeat(106);
    assertThat(TpmAddress.parse(fits)).hasToString(fits);
    assertThatThrownBy(() -> TpmAddress.parse(fits + "x"))
        .hasMessageContaining("at most 107 bytes, this has 108");
    assertThatThrownBy(() -> TpmAddress.parse("unix:/\0")).hasMessageContaining("Nul");
  }
}
