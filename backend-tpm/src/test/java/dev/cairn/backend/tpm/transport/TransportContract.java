package dev.cairn.backend.tpm.transport;

import static dev.cairn.backend.tpm.transport.Exchange.LONG_MILLIS;
import static dev.cairn.backend.tpm.transport.Exchange.ONE;
import static dev.cairn.backend.tpm.transport.Exchange.SHORT_MILLIS;
import static dev.cairn.backend.tpm.transport.Exchange.TWO;
import static dev.cairn.backend.tpm.transport.Exchange.extend;
import static dev.cairn.backend.tpm.transport.Exchange.read;
import static dev.cairn.backend.tpm.transport.Exchange.replayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tpm.testing.RawTpm;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.measure.DigestSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every way to a TPM shows, with a real swtpm at the other end. */
abstract class TransportContract {
  Swtpm tpm;
  TpmConnector connector;

  /** Starts the TPM; {@link #connector} leads to it. */
  abstract Swtpm start() throws Exception;

  /** Returns the address of {@code tpm}. */
  abstract String addressOf(Swtpm tpm) throws Exception;

  @BeforeEach
  void startTpm() throws Exception {
    tpm = start();
    connector = TpmAddress.parse(addressOf(tpm)).connector();
  }

  @AfterEach
  void stopTpm() throws Exception {
    tpm.close();
  }

  @Test
  void given_a_connection_when_extending_and_reading_then_the_response_is_whole() throws Exception {
    try (TpmTransport transport = connector.connect()) {
      assertThat(extend(transport, ONE, LONG_MILLIS)).isZero();
      assertThat(extend(transport, TWO, LONG_MILLIS)).isZero();
      assertThat(read(transport)).isEqualTo(replayed(ONE, TWO));
    }
  }

  @Test
  void given_an_error_response_when_it_comes_then_it_is_a_response() throws Exception {
    byte[] tooHigh = RawTpm.extendCommand(24, DigestSet.of(ONE));
    try (TpmTransport transport = connector.connect()) {
      assertThat(RawTpm.code(Exchange.send(transport, tooHigh, LONG_MILLIS))).isEqualTo(0x184);
      assertThat(read(transport)).isEqualTo(replayed());
    }
  }

  @Test
  void given_a_connection_that_was_closed_when_opened_anew_then_it_works() throws Exception {
    for (int i = 0; i < 20; i++) {
      TpmTransport transport = connector.connect();
      assertThat(read(transport)).isEqualTo(replayed());
      transport.close();
      transport.close();
    }
  }

  @Test
  void given_a_hung_tpm_when_it_goes_on_then_a_new_connection_shows_the_one_extend()
      throws Exception {
    try (TpmTransport transport = connector.connect()) {
      extend(transport, ONE, LONG_MILLIS);
      tpm.hang();

      assertThatThrownBy(() -> extend(transport, TWO, SHORT_MILLIS))
          .isInstanceOf(TpmOutcomeUnknownException.class)
          .hasMessageContaining(connector.address())
          .hasMessageContaining("no answer within 150 ms");
      tpm.resume();
      assertThatThrownBy(() -> extend(transport, TWO, SHORT_MILLIS))
          .as("a connection that failed is dead")
          .isInstanceOf(TpmNotSentException.class);
    }
    try (TpmTransport transport = connector.connect()) {
      assertThat(read(transport)).isEqualTo(replayed(ONE, TWO));
    }
  }

  @Test
  void given_a_tpm_that_dies_when_extending_then_the_failure_says_what_is_known() throws Exception {
    try (TpmTransport transport = connector.connect()) {
      read(transport);
      tpm.kill();

      assertThatThrownBy(() -> extend(transport, ONE, LONG_MILLIS))
          .isInstanceOfAny(TpmNotSentException.class, TpmOutcomeUnknownException.class)
          .hasMessageContaining(connector.address());
    }
  }

  @Test
  void given_a_busy_tpm_when_the_other_client_leaves_then_the_late_command_came_first()
      throws Exception {
    try (RawTpm other = tpm.connect()) {
      other.counts();
      try (TpmTransport transport = connector.connect()) {
        assertThatThrownBy(() -> extend(transport, ONE, SHORT_MILLIS))
            .isInstanceOf(TpmOutcomeUnknownException.class);
      }
    }
    try (TpmTransport transport = connector.connect()) {
      assertThat(read(transport)).isEqualTo(replayed(ONE));
    }
  }
}
