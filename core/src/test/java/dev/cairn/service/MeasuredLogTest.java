package dev.cairn.service;

import static dev.cairn.service.MeasuredLogFixture.RTMR2;
import static dev.cairn.service.MeasuredLogFixture.RTMR3;
import static dev.cairn.service.MeasuredLogFixture.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuredLogTest {
  @TempDir Path directory;
  private MeasuredLogFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = MeasuredLogFixture.in(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static ExtendException.Reason refusal(CompletableFuture<?> answer) {
    return catchThrowableOfType(ExtendException.class, () -> MeasuredLogFixture.get(answer))
        .reason();
  }

  @Test
  void whenExtending_thenTheReceiptSaysWhatIsInLogAndRegister() throws Exception {
    fixture.extend(RTMR3, "before");
    Receipt receipt = fixture.extend(RTMR2, "hello");

    assertThat(receipt.value()).isEqualTo(fixture.emulator.read(RTMR2));
    assertThat(receipt.recnum()).isZero();
    assertThat(receipt.position()).isEqualTo(1);
    assertThat(fixture.contents(RTMR2)).containsExactly("hello");
    fixture.assertLogReplaysToTheRegister(RTMR2);
  }

  @Test
  void whenAskingForAPreview_thenItIsWhatTheNextExtendDoesAndNothingHappened() throws Exception {
    Preview preview = MeasuredLogFixture.get(fixture.log.preview(event(RTMR2, "hello")));
    long logged = fixture.log.status().committedPosition();
    Receipt receipt = fixture.extend(RTMR2, "hello");

    assertThat(logged).isZero();
    assertThat(preview.value()).isEqualTo(receipt.value());
    assertThat(preview.recnum()).isEqualTo(receipt.recnum());
  }

  @Test
  void whenDigestsAreGiven_thenTheyAreExtendedAsTheyAre() throws Exception {
    DigestSet given = DigestSet.filled(List.of(HashAlgorithm.SHA384), 0x11);
    PcClientEvent image = new PcClientEvent(0x8000_0003L, Bytes.fromHex("00"));

    Receipt receipt =
        MeasuredLogFixture.get(
            fixture.log.extend(
                new ExtendRequest(RTMR2, image, Optional.of(given), Optional.empty())));

    assertThat(receipt.digests()).isEqualTo(given);
    fixture.assertLogReplaysToTheRegister(RTMR2);
  }

  @Nested
  class GivenARequestThatCannotBeServed {
    @Test
    void whenTheRegisterIsUnknown_thenItSaysSo() {
      assertThat(refusal(fixture.log.extend(event(RegisterId.pcr(3), "x"))))
          .isEqualTo(ExtendException.Reason.UNKNOWN_REGISTER);
    }

    @Test
    void whenTheRegisterIsReadOnly_thenItSaysSo() {
      assertThat(refusal(fixture.log.extend(event(RegisterId.MRTD, "x"))))
          .isEqualTo(ExtendException.Reason.NOT_EXTENDABLE);
    }

    @Test
    void whenTheEventIsNeverExtended_thenNobodyCanForgeARecordOfCairns() {
      ExtendRequest forged =
          new ExtendRequest(
              RTMR2, new PcClientEvent(3, Bytes.EMPTY), Optional.empty(), Optional.empty());

      assertThat(refusal(fixture.log.extend(forged))).isEqualTo(ExtendException.Reason.BAD_EVENT);
    }

    @Test
    void whenABankIsMissing_thenItSaysSo() {
      ExtendRequest none =
          new ExtendRequest(
              RTMR2,
              new PcClientEvent(6, Bytes.EMPTY),
              Optional.of(DigestSet.EMPTY),
              Optional.empty());

      assertThat(refusal(fixture.log.extend(none))).isEqualTo(ExtendException.Reason.WRONG_BANKS);
    }

    @Test
    void whenTheDigestOfAnAaelEventIsNotItsHash_thenItCannotPoisonTheLog() {
      ExtendRequest wrong =
          new ExtendRequest(
              RTMR2,
              event(RTMR2, "x").event(),
              Optional.of(DigestSet.filled(List.of(HashAlgorithm.SHA384), 0x11)),
              Optional.empty());

      assertThat(refusal(fixture.log.extend(wrong))).isEqualTo(ExtendException.Reason.BAD_EVENT);
    }

    @Test
    void whenTheLogIsClosed_thenItSaysSo() {
      fixture.stop();

      assertThat(refusal(fixture.log.extend(event(RTMR2, "x"))))
          .isEqualTo(ExtendException.Reason.SHUTTING_DOWN);
    }
  }

  @Nested
  class GivenAnIdempotencyKey {
    @Test
    void whenTheSameEventComesAgain_thenItGetsTheFirstReceipt() throws Exception {
      Receipt first = fixture.extend(RTMR2, "once", "key");
      fixture.extend(RTMR2, "between");
      Receipt second = fixture.extend(RTMR2, "once", "key");

      assertThat(second.repeated()).isTrue();
      assertThat(second.position()).isEqualTo(first.position());
      assertThat(second.value()).isEqualTo(first.value());
      assertThat(fixture.contents(RTMR2)).containsExactly("once", "between");
    }

    @Test
    void whenItComesAgainAfterARestart_thenItGetsTheFirstReceipt() throws Exception {
      Receipt first = fixture.extend(RTMR2, "once", "key");
      fixture.restart();
      Receipt second = fixture.extend(RTMR2, "once", "key");

      assertThat(second.repeated()).isTrue();
      assertThat(second.value()).isEqualTo(first.value());
    }

    @Test
    void whenBothComeInOneBatch_thenOneIsExtended() throws Exception {
      CompletableFuture<Receipt> first = fixture.log.extend(event(RTMR2, "once", "key"));
      CompletableFuture<Receipt> second = fixture.log.extend(event(RTMR2, "once", "key"));

      assertThat(MeasuredLogFixture.get(second).position())
          .isEqualTo(MeasuredLogFixture.get(first).position());
      assertThat(fixture.contents(RTMR2)).containsExactly("once");
    }

    @Test
    void whenAnotherEventComesWithIt_thenItIsRefused() throws Exception {
      fixture.extend(RTMR2, "once", "key");

      assertThat(refusal(fixture.log.extend(event(RTMR3, "once", "key"))))
          .isEqualTo(ExtendException.Reason.KEY_REUSED);
    }
  }

  @Test
  void whenManyCallersExtendAtOnce_thenTheLogHasOneOrderAndItIsTheRegisters() throws Exception {
    List<Object> receipts = fixture.extendTogether(RTMR2, 200);

    assertThat(receipts).allMatch(Receipt.class::isInstance);
    assertThat(fixture.contents(RTMR2)).hasSize(200);
    assertThat(fixture.log.status().batches()).isLessThan(100);
    fixture.assertLogReplaysToTheRegister(RTMR2);
  }

  @Test
  void whenASnapshotIsTaken_thenLaterEventsDoNotShowAndValuesAreThoseOfItsPositions()
      throws Exception {
    Receipt first = fixture.extend(RTMR2, "a");
    try (LogSnapshot snapshot = fixture.log.snapshot()) {
      fixture.extend(RTMR2, "b");

      assertThat(snapshot.endPosition()).isEqualTo(1);
      assertThat(snapshot.valuesBefore(1)).containsEntry(RTMR2, first.value());
      assertThat(snapshot.valuesBefore(0))
          .contains(Map.entry(RTMR2, DigestSet.filled(List.of(HashAlgorithm.SHA384), 0)));
    }
  }
}
