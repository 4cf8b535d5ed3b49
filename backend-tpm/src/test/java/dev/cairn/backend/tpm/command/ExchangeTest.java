package dev.cairn.backend.tpm.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.backend.tpm.transport.TpmNotSentException;
import dev.cairn.backend.tpm.transport.TpmOutcomeUnknownException;
import dev.cairn.measure.BackendException.Outcome;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of codes and lost connections. */
class ExchangeTest {
  private static final String CLOCK =
      "8001000000230000000000000000000000030000000000000003000000010000000001";

  private final RecordedTpm recorded = new RecordedTpm();
  private final Tpm tpm = new Tpm(recorded, Duration.ofSeconds(1), Duration.ofMillis(100));

  private TpmException failure() {
    return catchThrowableOfType(TpmException.class, tpm::readClock);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0x901, 0x902, 0x903, 0x904, 0x905, 0x906, 0x908, 0x909, 0x90A, 0x920, 0x922, 0x923})
  void given_a_warning_that_passes_when_sent_then_the_same_bytes_again(int code) throws Exception {
    recorded.error(code).reply(CLOCK);

    assertThat(tpm.readClock().resetCount()).isEqualTo(1);

    assertThat(recorded.commands).hasSize(2);
    assertThat(recorded.commands.get(1)).isEqualTo(recorded.commands.get(0));
    assertThat(recorded.connections).isEqualTo(1);
  }

  @Test
  void given_a_storm_of_retries_when_sent_then_given_up_as_not_executed() {
    for (int i = 0; i < 10; i++) {
      recorded.error(0x922);
    }

    TpmException failure = failure();

    assertThat(failure.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
    assertThat(failure).hasMessageContaining("TPM2_ReadClock: TPM_RC_RETRY (0x922), for ");
    assertThat(recorded.commands).hasSizeBetween(2, 3); // pauses of 20 and 40 ms, no 80
  }

  @Test
  void given_canceled_twice_when_sent_then_not_a_third_time() {
    recorded.error(0x909).error(0x909);

    assertThat(failure().outcome()).isEqualTo(Outcome.NOT_EXECUTED);
    assertThat(recorded.commands).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x100, 0x101, 0x000A0001})
  void given_a_code_that_decides_nothing_when_sent_then_unknown_and_the_connection_stays(int code) {
    recorded.error(code);

    assertThat(failure().outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(recorded.open).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x907, 0x125, 0x9A2, 0x143, 0x000B0143})
  void given_a_refusal_when_sent_then_not_executed_and_not_repeated(int code) {
    recorded.error(code);

    assertThat(failure().outcome()).isEqualTo(Outcome.NOT_EXECUTED);
    assertThat(recorded.commands).hasSize(1);
  }

  @Test
  void given_a_lost_response_when_sent_then_unknown_and_the_next_call_connects_anew()
      throws Exception {
    recorded
        .reply(
            command -> {
              throw new TpmOutcomeUnknownException("recorded: no answer", null);
            })
        .reply(CLOCK);

    TpmException failure = failure();
    assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(failure).hasMessage("TPM2_ReadClock: recorded: no answer");
    assertThat(recorded.open).isZero();

    tpm.readClock();
    assertThat(recorded.connections).isEqualTo(2);
    assertThat(recorded.open).isEqualTo(1);
  }

  @Test
  void given_a_command_that_did_not_go_out_when_sent_then_not_executed() {
    recorded.reply(
        command -> {
          throw new TpmNotSentException("recorded: broken pipe", null);
        });

    assertThat(failure().outcome()).isEqualTo(Outcome.NOT_EXECUTED);
    assertThat(recorded.open).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        "80010000000a000000", // shorter than a header
        "80010000000b00000000", // size field says more
        "80020000000a00000000", // sessions, without any
        "80010000000a00000000", // no parameters
        "80010000002400000000000000000000000300000000000000030000000100000000010000", // too many
        "80010000000b0000010000", // an error with parameters
        "00c40000000a0000001e" // TPM 1.2
      })
  void given_a_malformed_response_when_received_then_unknown_and_the_connection_goes(String hex) {
    recorded.reply(hex);

    TpmException failure = failure();

    assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(failure.code()).isEmpty();
    assertThat(failure).hasMessageStartingWith("TPM2_ReadClock: malformed response: ");
    assertThat(recorded.open).isZero();
  }

  @Test
  void given_a_TPM_1_2_when_asked_then_that_is_the_message() {
    recorded.reply("00c40000000a0000001e");

    assertThat(failure()).hasMessageContaining("this is a TPM 1.2; Cairn needs a TPM 2.0");
  }

  @Test
  void given_a_silent_TPM_when_asked_again_and_again_then_it_is_tried_twice_and_then_left_alone()
      throws Exception {
    RecordedTpm.Reply silence =
        command -> {
          LockSupport.parkNanos(550_000_000);
          throw new TpmOutcomeUnknownException("recorded: no answer", null);
        };
    recorded.reply(silence).reply(silence);
    failure();
    failure();

    TpmException third = failure();
    assertThat(third.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
    assertThat(third).hasMessage("TPM2_ReadClock: recorded: no answer");
    assertThat(recorded.commands).hasSize(2);

    Thread.sleep(250);
    recorded.reply(CLOCK).reply(CLOCK);
    tpm.readClock();
    tpm.readClock();
  }

  @Test
  void given_failures_that_come_fast_when_asked_again_then_every_command_is_sent() {
    for (int i = 0; i < 9; i++) {
      recorded.reply(
          command -> {
            throw new TpmOutcomeUnknownException("recorded: closed", null);
          });
      failure();
    }
    assertThat(recorded.commands).hasSize(9);
  }

  @Test
  void given_a_silent_TPM_when_asked_again_then_it_has_less_time_until_it_answers()
      throws Exception {
    Tpm patient = new Tpm(recorded, Duration.ofSeconds(10));
    recorded
        .reply(
            command -> {
              throw new TpmOutcomeUnknownException("recorded: no answer", null);
            })
        .reply(CLOCK)
        .reply(CLOCK);
    assertThatThrownBy(patient::readClock).isInstanceOf(TpmException.class);
    patient.readClock();
    patient.readClock();

    assertThat(recorded.timeoutsMillis).containsExactly(10_000, 2000, 10_000);
  }

  @Test
  void given_closed_when_sent_then_refused_and_nothing_is_opened() {
    tpm.close();

    assertThatThrownBy(tpm::readClock).hasMessageContaining("is closed");
    tpm.close();
    assertThat(recorded.connections).isZero();
  }
}
