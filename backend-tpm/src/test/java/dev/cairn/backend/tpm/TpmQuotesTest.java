package dev.cairn.backend.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.backend.tpm.command.Tpm;
import dev.cairn.backend.tpm.quote.TpmQuoteVerifier;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.backend.tpm.testing.TpmCharacterDevice;
import dev.cairn.backend.tpm.testing.TpmProxy;
import dev.cairn.backend.tpm.transport.TpmAddress;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.QuoteContract;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of quotes, on one swtpm for all tests; and how the backend finds its key. */
class TpmQuotesTest extends QuoteContract {
  private static final QuoteRequest REQUEST = QuoteRequest.of(Bytes.filled(32, 1));
  private static Swtpm swtpm;

  @BeforeAll
  static void startTpm() throws Exception {
    swtpm = Swtpm.start();
  }

  @AfterAll
  static void stopTpm() throws Exception {
    swtpm.close();
  }

  private static MeasurementBackend open(String address, String key) throws BackendException {
    return new TpmProvider().open(Map.of("tpm", address, "attestation-key", key));
  }

  @Override
  protected MeasurementBackend open() throws Exception {
    return new TpmProvider().open(Map.of("tpm", swtpm.address()));
  }

  @Override
  protected RegisterId extendable() {
    return RegisterId.pcr(14);
  }

  @Override
  protected RegisterId unknown() {
    return RegisterId.pcr(24);
  }

  @Test
  void given_no_key_when_asked_for_quotes_then_there_are_none() throws Exception {
    try (Swtpm other = Swtpm.start();
        MeasurementBackend none = open(other.address(), "none")) {
      assertThat(none.quotes()).isEmpty();
    }
  }

  @Test
  void given_a_key_that_is_not_there_when_opened_then_it_extends_and_its_quotes_say_why()
      throws Exception {
    try (Swtpm other = Swtpm.start();
        MeasurementBackend backend = open(other.address(), "handle:0x81010002")) {
      BackendException refusal =
          catchThrowableOfType(
              BackendException.class, () -> backend.quotes().orElseThrow().quote(REQUEST));

      assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
      assertThat(refusal).hasMessageContaining("there is no key 0x81010002");
      assertThat(backend.read(extendable())).isNotNull();
    }
  }

  @Test
  void given_a_wrong_text_when_opened_then_refused_by_name() {
    BackendException refusal =
        catchThrowableOfType(
            BackendException.class, () -> open(swtpm.address(), "handle:0x80000001"));

    assertThat(refusal).hasMessageContaining("setting 'attestation-key': 'handle:0x80000001'");
  }

  /** As behind /dev/tpmrm0: the key is on a connection that sends nothing but quotes. */
  @Test
  void given_a_resource_manager_when_quoted_then_the_key_has_a_connection_of_its_own(
      @TempDir Path folder) throws Exception {
    try (Swtpm other = Swtpm.start();
        TpmProxy proxy = TpmProxy.inFrontOf(other);
        TpmCharacterDevice device =
            TpmCharacterDevice.inFrontOf(proxy.socket(), folder.resolve("tpmrm0"));
        MeasurementBackend backend = open(device.address(), "ecc")) {
      Quote quote = backend.quotes().orElseThrow().quote(REQUEST);

      assertThat(new TpmQuoteVerifier().verify(quote).ok()).isTrue();
      assertThat(proxy.clients()).isEqualTo(2);
    }
  }

  @Test
  void given_a_backend_when_closed_then_its_key_is_unloaded() throws Exception {
    try (Swtpm other = Swtpm.start()) {
      try (MeasurementBackend backend = open(other.address(), "ecc")) {
        backend.quotes().orElseThrow().quote(REQUEST);
      }
      try (Tpm tpm =
          new Tpm(TpmAddress.parse(other.address()).connector(), Duration.ofSeconds(5))) {
        assertThat(tpm.handles(0x8000_0000)).isEmpty();
      }
    }
  }
}
