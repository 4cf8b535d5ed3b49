package dev.cairn.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog.Origin;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.RecordJudge;
import dev.cairn.replay.RecordVerdict;
import dev.cairn.replay.RecordVerdict.Outcome;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.SeededTest;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignEventTest {
  private static final int MAX = 1000;
  private static final Bytes READY = Bytes.fromHex("7265616479");

  static Stream<EventContent> contents() {
    return Stream.of(
        new SystemdEvent(READY),
        new SystemdEvent(Bytes.EMPTY),
        new ImaTemplate("ima-ng", Bytes.fromHex("0102")),
        new ImaTemplate("", Bytes.EMPTY),
        new PcClientEvent(EventTypes.EV_SEPARATOR, Bytes.fromHex("00000000")),
        new PcClientEvent(0xFFFF_FFFFL, Bytes.EMPTY));
  }

  @Nested
  class GivenARecordOfSystemd {
    @Test
    void whenEncoded_thenTheBytesAreThoseOfTheTable() {
      ForeignEvent event = ForeignEvent.of(Origin.SYSTEMD, 5, new SystemdEvent(READY), MAX);

      assertThat(event.toPcClientEvent().claimedEventType()).isEqualTo(EventTypes.EV_EVENT_TAG);
      assertThat(event.toPcClientEvent().data().toHex())
          .isEqualTo(
              "4346524e" // "CFRN"
                  + "10000000" // 16 bytes
                  + "01" // version
                  + "03" // systemd
                  + "0500000000000000" // place
                  + "09" // content type
                  + "7265616479"); // "ready"
    }
  }

  @ParameterizedTest
  @MethodSource("contents")
  void whenParsingWhatWasEncoded_thenItIsTheSame(EventContent content) {
    for (Origin keeper : Origin.values()) {
      ForeignEvent event = ForeignEvent.of(keeper, 1L << 40, content, MAX);

      assertThat(event.content()).contains(content);
      assertThat(ForeignEvent.parse(event.toPcClientEvent())).contains(event);
      assertThat(ForeignEvent.hasTag(event.toPcClientEvent())).isTrue();
    }
  }

  static Stream<EventContent> contentsThatAreNotKept() {
    return Stream.of(
        new OpaqueContent("systemd", OpaqueContent.Encoding.JSON, READY),
        new ImaTlv(READY),
        new PcClientEvent(EventTypes.EV_NO_ACTION, READY),
        new ImaTemplate("n".repeat(256), Bytes.EMPTY),
        new SystemdEvent(Bytes.filled(MAX, 1)));
  }

  @ParameterizedTest
  @MethodSource("contentsThatAreNotKept")
  void whenAContentDoesNotFit_thenTheRecordIsKeptWithoutIt(EventContent content) {
    ForeignEvent event = ForeignEvent.of(Origin.IMA, 0, content, MAX);

    assertThat(event.content()).isEmpty();
    assertThat(ForeignEvent.parse(event.toPcClientEvent())).contains(event);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0203050000000000000009", // version 2
        "0100050000000000000009", // nobody's
        "0105050000000000000009",
        "010300000000000000ff09", // negative place
        "0103050000000000000008", // ima_tlv
        "010305000000000000000001", // no content, and yet a byte
        "01030500000000000000050102", // half an event type
        "0103050000000000000005030000007265616479", // EV_NO_ACTION
        "010305000000000000000705616263", // name cut off
        "010305000000000000000701ff", // name that is no UTF-8
        "0103050000000000000007",
      })
  void whenTheLayoutIsAnother_thenItIsNoSuchEvent(String payload) {
    PcClientEvent event =
        new PcClientEvent(
            EventTypes.EV_EVENT_TAG,
            new TaggedEvent(ForeignEvent.TAG, Bytes.fromHex(payload)).encode());

    assertThat(ForeignEvent.parse(event)).isEmpty();
    assertThat(ForeignEvent.hasTag(event)).isTrue();
  }

  @SeededTest
  void whenBytesAreHostile_thenAnEventOrNothing(long seed) {
    ForeignEvent event =
        ForeignEvent.of(
            Origin.IMA, seed, new ImaTemplate("ima-ng", Bytes.filled(20, (int) seed)), MAX);
    byte[] bytes = Hostile.mutate(event.toPcClientEvent().data().toArray(), seed);
    PcClientEvent mutated = new PcClientEvent(EventTypes.EV_EVENT_TAG, Bytes.owning(bytes));

    Optional<ForeignEvent> parsed = ForeignEvent.parse(mutated);

    parsed.ifPresent(found -> assertThat(found.toPcClientEvent()).isEqualTo(mutated));
  }

  @Test
  void whenAValueIsNoneOfItsKind_thenItIsRefused() {
    assertThatThrownBy(() -> new ForeignEvent(Origin.IMA, -1, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ForeignEvent(Origin.IMA, 0, Optional.of(new ImaTlv(READY))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Nested
  class GivenAJudge {
    private RecordVerdict judge(EventContent content, Digest... digests) {
      PcClientEvent event = ForeignEvent.of(Origin.IMA, 0, content, MAX).toPcClientEvent();
      return new RecordJudge()
          .judge(new EventRecord(0, RegisterId.pcr(10), DigestSet.of(List.of(digests)), event));
    }

    @Test
    void whenTheDigestIsThatOfTheirContent_thenItIsReproduced() {
      assertThat(judge(new SystemdEvent(READY), HashAlgorithm.SHA256.hash(READY)).outcome())
          .isEqualTo(Outcome.REPRODUCED);
      assertThat(
              judge(new ImaTemplate("ima-ng", READY), HashAlgorithm.SHA256.hash(READY)).outcome())
          .isEqualTo(Outcome.REPRODUCED);
    }

    @Test
    void whenItIsThatOfOurEventData_thenItIsNot() {
      PcClientEvent event =
          ForeignEvent.of(Origin.IMA, 0, new SystemdEvent(READY), MAX).toPcClientEvent();

      assertThat(judge(new SystemdEvent(READY), HashAlgorithm.SHA256.hash(event.data())).outcome())
          .isEqualTo(Outcome.NOT_REPRODUCIBLE);
    }

    @Test
    void whenAnImaDigestIsWrong_thenThatIsAMismatch() {
      assertThat(
              judge(new ImaTemplate("ima-ng", READY), HashAlgorithm.SHA256.hash(Bytes.EMPTY))
                  .outcome())
          .isEqualTo(Outcome.MISMATCH);
    }

    @Test
    void whenItIsAViolation_thenOnesAreRight() {
      assertThat(
              judge(
                      new ImaTemplate("ima-ng", READY),
                      new Digest(HashAlgorithm.SHA256, Bytes.filled(32, 0xFF)))
                  .reason())
          .contains("violation");
    }

    @Test
    void whenABankIsPaddedAndNoSha1DigestIsThere_thenThatRuleIsFound() {
      byte[] padded = new byte[48];
      HashAlgorithm.SHA1.hash(READY).value().copyTo(padded, 0);

      assertThat(
              judge(
                      new ImaTemplate("ima-ng", READY),
                      HashAlgorithm.SHA256.hash(READY),
                      new Digest(HashAlgorithm.SHA384, Bytes.owning(padded)))
                  .outcome())
          .isEqualTo(Outcome.REPRODUCED);
    }

    @Test
    void whenTheContentIsNotKept_thenNothingCanBeSaid() {
      assertThat(judge(new ImaTlv(READY), HashAlgorithm.SHA256.hash(READY)).outcome())
          .isEqualTo(Outcome.NOT_REPRODUCIBLE);
    }

    @Test
    void whenOneIsWrappedInAnother_thenThatIsNotFollowed() {
      PcClientEvent inner =
          ForeignEvent.of(Origin.IMA, 0, new SystemdEvent(READY), MAX).toPcClientEvent();

      assertThat(judge(inner, HashAlgorithm.SHA256.hash(READY)).outcome())
          .isEqualTo(Outcome.NOT_REPRODUCIBLE);
    }
  }
}
