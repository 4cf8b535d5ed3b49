package dev.cairn.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The two unmeasured records of Cairn's own. */
class CairnRecordsTest {
  private static final DigestSet ZEROS =
      DigestSet.filled(List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256), 0);
  private static final DigestSet ONES =
      DigestSet.filled(List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256), 0xFF);

  @Nested
  class GivenAStartValue {
    @Test
    void whenEncoding_thenTheBytesAreThoseOfTheTable() {
      DigestSet value = DigestSet.of(new Digest(HashAlgorithm.SHA1, Bytes.filled(20, 0xAB)));

      assertThat(new StartValueEvent(value).encode().toHex())
          .isEqualTo(
              "436169726e2d537461727456616c7565" + "0100" + "0100" + "0400" + "ab".repeat(20));
    }

    @ParameterizedTest
    @EnumSource
    void whenParsingWhatWasEncoded_thenItIsTheSame(HashAlgorithm bank) {
      StartValueEvent event = new StartValueEvent(DigestSet.filled(List.of(bank), 7));

      assertThat(StartValueEvent.parse(event.toPcClientEvent())).contains(event);
    }

    @Test
    void whenItIsMeasured_thenItIsNot() {
      assertThat(new StartValueEvent(ZEROS).toPcClientEvent().measured()).isFalse();
    }

    @Test
    void whenThereIsNoBank_thenItIsRefused() {
      assertThatThrownBy(() -> new StartValueEvent(DigestSet.EMPTY))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Nested
  class GivenAGap {
    @Test
    void whenEncoding_thenTheBytesAreThoseOfTheTable() {
      DigestSet expected = DigestSet.of(new Digest(HashAlgorithm.SHA1, Bytes.filled(20, 0xAB)));
      DigestSet observed = DigestSet.of(new Digest(HashAlgorithm.SHA1, Bytes.filled(20, 0xCD)));

      assertThat(new GapEvent(expected, observed).encode().toHex())
          .isEqualTo(
              "436169726e2d4761705265636f726400"
                  + "0100"
                  + "0100"
                  + "0400"
                  + "ab".repeat(20)
                  + "cd".repeat(20));
    }

    @Test
    void whenParsingWhatWasEncoded_thenItIsTheSame() {
      GapEvent event = new GapEvent(ZEROS, ONES);

      assertThat(GapEvent.parse(event.toPcClientEvent())).contains(event);
    }

    @Test
    void whenTheBanksDiffer_thenItIsRefused() {
      DigestSet other = DigestSet.filled(List.of(HashAlgorithm.SHA384), 0);

      assertThatThrownBy(() -> new GapEvent(ZEROS, other)).hasMessageContaining("SHA384");
    }
  }

  @Nested
  class GivenOtherEvents {
    @Test
    void whenTheSignatureIsAnothers_thenThereIsNothing() {
      PcClientEvent gap = new GapEvent(ZEROS, ONES).toPcClientEvent();

      assertThat(StartValueEvent.parse(gap)).isEmpty();
    }

    @Test
    void whenTheTypeIsMeasured_thenThereIsNothing() {
      Bytes data = new GapEvent(ZEROS, ONES).encode();

      assertThat(GapEvent.parse(new PcClientEvent(EventTypes.EV_SEPARATOR, data))).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({ // after the signature
    "01, 17 bytes",
    "02000100, version 2",
    "01000000, 0 banks",
    "01001100, 17 banks",
    "010001000400aa, cut off",
    "010001000500, 0x0005",
    "0100010004, cut off",
    "010001000400000000000000000000000000000000000000000000, after the last bank",
    "0100020004000000000000000000000000000000000000000000"
        + "04000000000000000000000000000000000000000000, two digests of sha1",
  })
  void whenTheRestIsMalformed_thenTheReasonIsGiven(String rest, String reason) {
    Bytes data = Bytes.fromHex("436169726e2d537461727456616c7565" + rest);

    assertThatThrownBy(
            () -> StartValueEvent.parse(new PcClientEvent(EventTypes.EV_NO_ACTION, data)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }
}
