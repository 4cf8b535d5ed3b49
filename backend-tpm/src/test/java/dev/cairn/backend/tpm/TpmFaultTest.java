package dev.cairn.backend.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.backend.tpm.command.Tpm;
import dev.cairn.backend.tpm.testing.Fault;
import dev.cairn.backend.tpm.testing.FaultyConnector;
import dev.cairn.backend.tpm.testing.RawTpm;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.backend.tpm.transport.TpmAddress;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of one call, on real swtpm: what is thrown, and what the register holds then. */
class TpmFaultTest {
  private static final RegisterId PCR14 = RegisterId.pcr(14);
  private static final int EXTEND = 0x182;
  private static final int READ = 0x17E;

  private Swtpm swtpm;
  private FaultyConnector faulty;
  private TpmBackend backend;
  private DigestSet before;
  private DigestSet digests;
  private DigestSet after;

  @BeforeEach
  void open() throws Exception {
    swtpm = Swtpm.start();
    faulty = new FaultyConnector(TpmAddress.parse(swtpm.address()).connector());
    TpmSettings settings = TpmSettings.of(Map.of("tpm", swtpm.address()), Path.of("/dev"));
    Tpm tpm = new Tpm(faulty, Duration.ofMillis(300));
    backend = TpmBackend.open(tpm, tpm, settings, true);
    before = backend.read(PCR14);
    digests = new Hasher().hash(before.banks(), Bytes.fromHex("f00d"));
    after = new Hasher().extend(before, digests);
  }

  @AfterEach
  void close() throws Exception {
    backend.close();
    swtpm.close();
    faulty.assertAllFaultsHappened();
  }

  private BackendException failure() {
    BackendException failure =
        catchThrowableOfType(BackendException.class, () -> backend.extend(PCR14, digests));
    assertThat(failure.register()).contains(PCR14);
    return failure;
  }

  @Test
  void given_a_lost_reply_when_extended_then_unknown_and_a_new_connection_shows_it()
      throws Exception {
    faulty.on(EXTEND, Fault.replyLost());

    assertThat(failure().outcome()).isEqualTo(Outcome.UNKNOWN);

    assertThat(backend.read(PCR14)).isEqualTo(after);
    assertThat(faulty.connections()).isEqualTo(2);
    assertThat(faulty.sent(EXTEND)).isEqualTo(1);
  }

  @Test
  void given_a_lost_command_when_extended_then_unknown_and_the_register_is_as_before()
      throws Exception {
    faulty.on(EXTEND, Fault.commandLost());

    assertThat(failure().outcome()).isEqualTo(Outcome.UNKNOWN);

    assertThat(backend.read(PCR14)).isEqualTo(before);
  }

  @Test
  void given_a_command_that_cannot_be_sent_when_extended_then_not_executed() throws Exception {
    faulty.on(EXTEND, Fault.notSent());

    assertThat(failure().outcome()).isEqualTo(Outcome.NOT_EXECUTED);

    assertThat(backend.read(PCR14)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 14, 18})
  void given_a_truncated_reply_when_extended_then_unknown_and_the_read_decides(int bytes)
      throws Exception {
    faulty.on(EXTEND, Fault.shortened(bytes));

    assertThat(failure().outcome()).isEqualTo(Outcome.UNKNOWN);

    assertThat(backend.read(PCR14)).isEqualTo(after);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x922, 0x908, 0x90A, 0x920})
  void given_a_storm_that_passes_when_extended_then_once(int code) throws Exception {
    faulty.on(EXTEND, 4, Fault.answer(code));

    backend.extend(PCR14, digests);

    assertThat(backend.read(PCR14)).isEqualTo(after);
    assertThat(faulty.sent(EXTEND)).isEqualTo(5);
    assertThat(faulty.connections()).isEqualTo(1);
  }

  @Test
  void given_a_storm_that_stays_when_extended_then_not_executed_after_some_seconds()
      throws Exception {
    faulty.on(EXTEND, 9, Fault.answer(0x922));

    BackendException failure = failure();

    assertThat(failure.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
    assertThat(failure).hasMessageContaining("TPM_RC_RETRY (0x922), for ");
    assertThat(backend.read(PCR14)).isEqualTo(before);
  }

  @Test
  void given_failure_mode_when_extended_then_unknown_until_a_reset() throws Exception {
    swtpm.fail();

    assertThat(failure().outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(catchThrowableOfType(BackendException.class, () -> backend.read(PCR14)).getMessage())
        .contains("TPM_RC_FAILURE");
  }

  @Test
  void given_a_reset_that_nobody_followed_up_when_extended_then_unknown_and_never_started_up_by_us()
      throws Exception {
    backend.extend(PCR14, digests);
    swtpm.init();

    BackendException failure = failure();

    assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(failure)
        .hasMessageContaining("TPM_RC_INITIALIZE")
        .hasMessageContaining("Cairn at its start");
  }

  @Test
  void given_a_hung_TPM_when_extended_then_unknown_and_its_late_work_is_seen() throws Exception {
    swtpm.hang();
    assertThat(failure().outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(catchThrowableOfType(BackendException.class, () -> backend.read(PCR14))).isNotNull();

    swtpm.resume();

    assertThat(backend.read(PCR14)).isEqualTo(after);
  }

  @Test
  void given_a_TPM_that_dies_and_comes_back_when_used_then_a_new_life_is_told() throws Exception {
    var life = backend.life();
    swtpm.kill();
    assertThat(failure()).isNotNull();

    swtpm.restart();

    assertThat(backend.read(PCR14)).isEqualTo(before);
    assertThat(backend.life().resetCount().orElseThrow())
        .isEqualTo(life.resetCount().orElseThrow() + 1);
  }

  @Test
  void given_a_foreign_extend_when_read_then_it_is_seen() throws Exception {
    faulty.on(READ, Fault.notSent()); // gives up the connection, so that another client gets in
    assertThat(catchThrowableOfType(BackendException.class, () -> backend.read(PCR14))).isNotNull();
    try (RawTpm other = swtpm.connect()) {
      other.extend(14, digests);
    }

    assertThat(backend.read(PCR14)).isEqualTo(after);
  }
}
