package dev.cairn.service;

import static dev.cairn.service.MeasuredLogFixture.RTMR2;
import static dev.cairn.service.MeasuredLogFixture.RTMR3;
import static dev.cairn.service.MeasuredLogFixture.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.emulator.Fault;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.GapEvent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceFaultTest {
  @TempDir Path directory;
  private MeasuredLogFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = MeasuredLogFixture.in(directory);
    fixture.extend(RTMR2, "before");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private void inject(String fault) {
    fixture.emulator.inject(Fault.parse(fault));
  }

  private ExtendException.Reason refusal(String content) {
    return catchThrowableOfType(ExtendException.class, () -> fixture.extend(RTMR2, content))
        .reason();
  }

  @Nested
  class GivenAnExtendThatIsRefused {
    @Test
    void whenItWasAlone_thenItIsNeitherInTheLogNorInTheRegister() throws Exception {
      inject("on extend 1: refuse");

      assertThat(refusal("refused")).isEqualTo(ExtendException.Reason.BACKEND_REFUSED);
      assertThat(fixture.contents(RTMR2)).containsExactly("before");
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }

    @Test
    void whenItWasInTheMiddleOfABatch_thenTheOthersGoOnInOrder() throws Exception {
      inject("on extend of rtmr2 5: refuse");

      List<Object> results = fixture.extendTogether(RTMR2, 9);

      assertThat(results.get(4)).isEqualTo(ExtendException.Reason.BACKEND_REFUSED);
      assertThat(results).filteredOn(Receipt.class::isInstance).hasSize(8);
      assertThat(fixture.contents(RTMR2)).hasSize(9).doesNotContain("together 4");
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }

    @Test
    void whenItsKeyIsUsedAgain_thenItIsANewAttempt() throws Exception {
      inject("on extend 1: refuse");
      assertThatThrownBy(() -> fixture.extend(RTMR2, "again", "key"))
          .isInstanceOf(ExtendException.class);

      assertThat(fixture.extend(RTMR2, "again", "key").repeated()).isFalse();
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }
  }

  @Nested
  class GivenALostReply {
    @Test
    void whenTheExtendHappened_thenItIsAcknowledgedOnce() throws Exception {
      inject("on extend 1: lose-reply");

      Receipt receipt = fixture.extend(RTMR2, "once");

      assertThat(receipt.value()).isEqualTo(fixture.emulator.read(RTMR2));
      assertThat(fixture.contents(RTMR2)).containsExactly("before", "once");
      assertThat(fixture.emulator.extendsApplied(RTMR2)).isEqualTo(2);
    }

    @Test
    void whenItDidNotHappen_thenItIsSentOnceMore() throws Exception {
      inject("on extend 1: lose-command");

      fixture.extend(RTMR2, "once");

      assertThat(fixture.emulator.extendsApplied(RTMR2)).isEqualTo(2);
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }

    @Test
    void whenItNeverHappens_thenItIsRefusedAndGone() throws Exception {
      inject("on extend 1..2: lose-command");

      assertThat(refusal("never")).isEqualTo(ExtendException.Reason.BACKEND_REFUSED);
      assertThat(fixture.contents(RTMR2)).containsExactly("before");
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }

    @Test
    void whenItIsInTheMiddleOfABatch_thenEveryEventIsThereOnce() throws Exception {
      inject("on extend of rtmr2 3: lose-reply");
      inject("on extend of rtmr2 6: lose-command");

      List<Object> results = fixture.extendTogether(RTMR2, 9);

      assertThat(results).allMatch(Receipt.class::isInstance);
      assertThat(fixture.contents(RTMR2)).hasSize(10).doesNotHaveDuplicates();
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }
  }

  @Nested
  class GivenADeviceThatDoesNotAnswer {
    @Test
    void whenItAnswersAgain_thenWhatHappenedIsInTheLogAndTheRegisterIsOk() throws Exception {
      inject("on extend 1: lose-reply");
      inject("on read 1..6: lose-command");

      assertThat(refusal("open")).isEqualTo(ExtendException.Reason.REGISTER_FAILED);
      Receipt next = extendOnceItAnswers("next");

      assertThat(next.recnum()).isEqualTo(2);
      assertThat(fixture.contents(RTMR2)).containsExactly("before", "open", "next");
      assertThat(fixture.status(RTMR2).state()).isEqualTo(RegisterState.OK);
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }

    @Test
    void whenNothingHappened_thenNothingOfItIsInTheLog() throws Exception {
      inject("on extend 1: lose-command");
      inject("on read 1..6: lose-command");

      assertThat(refusal("open")).isEqualTo(ExtendException.Reason.REGISTER_FAILED);
      extendOnceItAnswers("next");

      assertThat(fixture.contents(RTMR2)).containsExactly("before", "next");
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }

    @Test
    void whenTheDaemonIsRestartedMeanwhile_thenTheRegisterDecidesThen() throws Exception {
      inject("on extend 1: lose-reply");
      inject("on read 1..1000: lose-command");
      refusal("open");

      fixture.restart();

      assertThat(fixture.contents(RTMR2)).containsExactly("before", "open");
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }

    private Receipt extendOnceItAnswers(String content) throws Exception {
      for (int attempt = 0; ; attempt++) {
        try {
          return fixture.extend(RTMR2, content);
        } catch (ExtendException e) {
          assertThat(e.reason()).isEqualTo(ExtendException.Reason.REGISTER_FAILED);
          assertThat(attempt).isLessThan(100);
        }
      }
    }
  }

  @Nested
  class GivenSomebodyElseWhoExtends {
    @Test
    void whenItIsDuringABatch_thenTheRegisterDivergesAndTheGapIsLogged() throws Exception {
      inject("on extend 1: foreign-before random 7");

      assertThat(refusal("doubtful")).isEqualTo(ExtendException.Reason.REGISTER_DIVERGED);
      assertThat(refusal("after")).isEqualTo(ExtendException.Reason.REGISTER_DIVERGED);
      assertThat(fixture.status(RTMR2).state()).isEqualTo(RegisterState.DIVERGED);
      assertThat(lastGap().observed()).isEqualTo(fixture.emulator.read(RTMR2));
    }

    @Test
    void whenTheLastGoodRegisterDiverges_thenTheServiceIsNotReadyBeforeAnybodyIsTold()
        throws Exception {
      inject("on extend 1..4: foreign-after random 1");
      inject("on extend 4: delay 30ms"); // so that the listener is there before the answer
      for (int ordinal = 0; ordinal < 3; ordinal++) {
        RegisterId register = RegisterId.rtmr(ordinal);
        assertThatThrownBy(() -> fixture.extend(register, "x")).isInstanceOf(ExtendException.class);
      }
      CompletableFuture<Boolean> readyWhenTold = new CompletableFuture<>();

      CompletableFuture<Receipt> told =
          fixture
              .log
              .extend(event(RTMR3, "x"))
              .whenComplete(
                  (receipt, refusal) -> readyWhenTold.complete(fixture.log.status().ready()));

      assertThatThrownBy(() -> MeasuredLogFixture.get(told)).isInstanceOf(ExtendException.class);
      assertThat(MeasuredLogFixture.get(readyWhenTold)).isFalse();
    }

    @Test
    void whenAnotherRegisterIsUsed_thenItGoesOn() throws Exception {
      inject("on extend 1: foreign-before random 7");
      refusal("doubtful");

      fixture.extend(RTMR3, "fine");

      fixture.assertLogReplaysToTheRegister(RTMR3);
    }

    @Test
    void whenPolicySaysContinue_thenTheLogGoesOnFromTheValueFound() throws Exception {
      fixture.options =
          new MeasuredLogOptions(64, 64, 64, 1024, MeasuredLogOptions.OnDivergence.CONTINUE);
      fixture.restart("on extend 1: foreign-before random 7");
      refusal("doubtful");

      Receipt receipt = fixture.extend(RTMR2, "after");

      assertThat(receipt.value()).isEqualTo(fixture.emulator.read(RTMR2));
    }

    @Test
    void whenRegistersAreLookedAt_thenItIsNoticedWithoutAnyExtend() throws Exception {
      fixture.emulator.extend(RTMR2, MeasuredLogFixture.foreign());

      assertThat(fixture.status(RTMR2).state()).isEqualTo(RegisterState.DIVERGED);
    }

    private GapEvent lastGap() throws Exception {
      List<EventRecord> records = fixture.records();
      PcClientEvent last = (PcClientEvent) records.get(records.size() - 1).content();
      return GapEvent.parse(last).orElseThrow();
    }
  }

  @Test
  void whenMoreWaitThanAllowed_thenTheNextIsRefusedAtOnce() throws Exception {
    fixture.options =
        new MeasuredLogOptions(2, 1, 64, 1024, MeasuredLogOptions.OnDivergence.REFUSE);
    fixture.restart("on extend every 1: delay 20ms");

    List<Object> results = new java.util.ArrayList<>();
    for (int i = 0; i < 20; i++) {
      var answer = fixture.log.extend(event(RTMR2, "x"));
      if (answer.isCompletedExceptionally()) {
        results.add(answer);
      }
    }

    assertThat(results).isNotEmpty();
    assertThat(
            catchThrowableOfType(
                    ExtendException.class,
                    () ->
                        MeasuredLogFixture.get(
                            (java.util.concurrent.CompletableFuture<?>) results.get(0)))
                .reason())
        .isEqualTo(ExtendException.Reason.QUEUE_FULL);
  }
}
