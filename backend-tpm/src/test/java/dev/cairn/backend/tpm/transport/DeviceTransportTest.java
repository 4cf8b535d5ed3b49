package dev.cairn.backend.tpm.transport;

import static dev.cairn.backend.tpm.transport.Exchange.ONE;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.backend.tpm.testing.TpmCharacterDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceTransportTest {
  @TempDir Path folder;

  @Nested
  class GivenACharacterDevice extends TransportContract {
    private @Nullable TpmCharacterDevice device;

    @Override
    Swtpm start() throws IOException {
      return Swtpm.start();
    }

    @Override
    String addressOf(Swtpm tpm) throws IOException {
      TpmCharacterDevice made = TpmCharacterDevice.inFrontOf(tpm.socket(), folder.resolve("tpm0"));
      device = made;
      return made.address();
    }

    @AfterEach
    void removeDevice() throws IOException {
      requireNonNull(device).close();
    }

    @Test
    void when_it_goes_away_then_the_outcome_is_unknown() throws Exception {
      try (TpmTransport transport = connector.connect()) {
        Exchange.read(transport);
        tpm.hang();
        Thread removal =
            new Thread(
                () -> {
                  try {
                    Thread.sleep(50);
                    removeDevice();
                  } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                  }
                });
        removal.start();
        assertThatThrownBy(() -> Exchange.extend(transport, ONE, Exchange.LONG_MILLIS))
            .isInstanceOf(TpmOutcomeUnknownException.class)
            .hasMessageContaining("no answer");
        removal.join();
      }
      assertThatThrownBy(connector::connect)
          .isInstanceOf(TpmNotSentException.class)
          .hasMessageContaining("no such device");
    }
  }

  @Nested
  class GivenSomethingElse {
    @Test
    void when_it_is_missing_then_nothing_is_made() {
      Path node = folder.resolve("tpmrm0");

      assertRefused(node, "no such device: a TPM shows up as /dev/tpmrm0");
      assertThat(node).doesNotExist();
    }

    @Test
    void when_it_is_a_file_then_it_is_not_touched() throws Exception {
      Path node = Files.writeString(folder.resolve("tpmrm0"), "left by a tool that used O_CREAT");

      assertRefused(node, "not a character device");
      assertThat(node).hasContent("left by a tool that used O_CREAT");
    }

    @Test
    void when_it_is_a_folder_then_refused() {
      assertRefused(folder, "not a character device");
    }

    @Test
    void when_it_is_another_device_then_its_answer_is_none() throws Exception {
      try (TpmTransport transport = TpmAddress.parse("device:/dev/null").connector().connect()) {
        assertThatThrownBy(() -> Exchange.extend(transport, ONE, Exchange.LONG_MILLIS))
            .isInstanceOf(TpmOutcomeUnknownException.class)
            .hasMessageContaining("closed the connection after 0 bytes");
      }
      try (TpmTransport transport = TpmAddress.parse("device:/dev/zero").connector().connect()) {
        assertThatThrownBy(() -> Exchange.extend(transport, ONE, Exchange.LONG_MILLIS))
            .isInstanceOf(TpmOutcomeUnknownException.class)
            .hasMessageContaining("its size field says 0");
      }
    }

    private void assertRefused(Path node, String reason) {
      assertThatThrownBy(() -> new TpmAddress.Device(node).connector().connect())
          .isInstanceOf(TpmNotSentException.class)
          .hasMessageStartingWith("device:" + node)
          .hasMessageContaining(reason);
    }
  }
}
