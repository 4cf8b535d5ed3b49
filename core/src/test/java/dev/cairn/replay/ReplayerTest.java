package dev.cairn.replay;

import static dev.cairn.measure.HashAlgorithm.SHA1;
import static dev.cairn.measure.HashAlgorithm.SHA256;
import static dev.cairn.measure.HashAlgorithm.SHA384;
import static dev.cairn.replay.Records.PCR0;
import static dev.cairn.replay.Records.PCR10;
import static dev.cairn.replay.Records.digest;
import static dev.cairn.replay.Records.event;
import static dev.cairn.replay.Records.extend;
import static dev.cairn.replay.Records.ima;
import static dev.cairn.replay.Records.noAction;
import static dev.cairn.replay.Records.startupLocality;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.GapEvent;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.StartValueEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayerTest {
  private static final Bytes ZEROS = Bytes.filled(32, 0);
  private static final Bytes X = Bytes.filled(32, 0x58);
  private static final Bytes Y = Bytes.filled(32, 0x59);

  private static Replay replay(LogFormat format, EventRecord... records) throws IOException {
    return Replayer.replay(List.of(RecordLog.of(format, records)), Limits.DEFAULT);
  }

  private static Replay replay(EventRecord... records) throws IOException {
    return replay(LogFormat.TCG2, records);
  }

  private static Bytes value(Replay replay, RegisterId register, HashAlgorithm bank) {
    Digest value = replay.values().find(register, bank);
    return Objects.requireNonNull(value, register + " in " + bank).value();
  }

  private static DigestSet sha256(Bytes value) {
    return DigestSet.of(new Digest(SHA256, value));
  }

  @Nested
  class GivenPcr0 {
    final EventRecord first = event(PCR0, 1, "one", SHA1, SHA256);

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 4})
    void whenTheLocalityIsRecorded_thenTheLastByteOfEveryBankIsIt(int locality) throws IOException {
      Replay replay = replay(startupLocality(locality), first);

      for (HashAlgorithm bank : List.of(SHA1, SHA256)) {
        byte[] start = new byte[bank.sizeBytes()];
        start[start.length - 1] = (byte) locality;
        assertThat(value(replay, PCR0, bank))
            .isEqualTo(extend(bank, Bytes.owning(start), digest(first, bank)));
      }
      assertThat(replay.findings()).isEmpty();
    }

    @Test
    void whenTheLocalityIsNoneOfThree_thenThatIsFound() throws IOException {
      assertThat(replay(startupLocality(2)).findings())
          .singleElement()
          .extracting(Finding::message)
          .asString()
          .contains("2, needs 0, 3 or 4");
    }

    @Test
    void whenTheLocalityComesTwice_thenTheSecondIsFound() throws IOException {
      Replay replay = replay(startupLocality(3), startupLocality(3), first);

      assertThat(replay.findings())
          .singleElement()
          .matches(f -> f.kind() == Finding.Kind.START_VALUE && f.record().number() == 1);
    }

    @Test
    void whenTheLocalityComesLate_thenItIsFoundAndNotApplied() throws IOException {
      Replay replay = replay(first, startupLocality(3));

      assertThat(replay.findings()).hasSize(1);
      assertThat(value(replay, PCR0, SHA256))
          .isEqualTo(extend(SHA256, ZEROS, digest(first, SHA256)));
    }

    @Test
    void whenAnHcrtmEventComesFirst_thenThePcrBeginsAtFour() throws IOException {
      EventRecord hcrtm =
          Records.of(PCR0, 0, new PcClientEvent(EventTypes.EV_EFI_HCRTM_EVENT, X), Y, SHA256);
      byte[] start = new byte[32];
      start[31] = 4;

      Replay replay = replay(hcrtm);

      assertThat(value(replay, PCR0, SHA256))
          .isEqualTo(extend(SHA256, Bytes.owning(start), digest(hcrtm, SHA256)));
      assertThat(replay(event(PCR0, 0, "one", SHA256), hcrtm).findings()).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"16, 0", "17, 255", "22, 255", "23, 0"})
  void whenAPcrHasADynamicRoot_thenItBeginsWithOnes(int pcr, int filler) throws IOException {
    EventRecord record = event(RegisterId.pcr(pcr), 0, "one", SHA256);

    assertThat(value(replay(record), RegisterId.pcr(pcr), SHA256))
        .isEqualTo(extend(SHA256, Bytes.filled(32, filler), digest(record, SHA256)));
  }

  @Nested
  class GivenRecordsThatExtendNothing {
    @Test
    void whenReplayed_thenTheyAreCountedAndLeaveNoRegister() throws IOException {
      Replay replay =
          replay(
              noAction(PCR10, 0, X),
              noAction(RegisterId.pcr(0xFFFF_FFFFL), 0, Y),
              new EventRecord(1, PCR10, DigestSet.EMPTY, new Management.CelVersion(1, 1)),
              new EventRecord(2, PCR10, DigestSet.EMPTY, new Management.FirmwareEnd()));

      assertThat(replay.records()).isEqualTo(4);
      assertThat(replay.notExtended()).isEqualTo(4);
      assertThat(replay.values().isEmpty()).isTrue();
      assertThat(replay.findings()).isEmpty();
    }
  }

  @Nested
  class GivenABankThatARecordLacks {
    final EventRecord both = event(PCR10, 0, "both", SHA1, SHA256);
    final EventRecord one = event(PCR10, 1, "one", SHA256);

    @Test
    void whenNoLaterRecordHasIt_thenItsValueIsTheOneBeforeAndThatIsSaid() throws IOException {
      Replay replay = replay(both, one);

      assertThat(value(replay, PCR10, SHA1))
          .isEqualTo(extend(SHA1, Bytes.filled(20, 0), digest(both, SHA1)));
      assertThat(replay.uncovered())
          .singleElement()
          .matches(u -> u.bank() == SHA1 && u.record().number() == 1);
    }

    @Test
    void whenALaterRecordHasItAgain_thenItHasNoValue() throws IOException {
      Replay replay = replay(both, one, both);

      assertThat(replay.values().find(PCR10, SHA1)).isNull();
      assertThat(replay.values().find(PCR10, SHA256)).isNotNull();
    }

    @Test
    void whenItIsTheFirstRecord_thenItHasNoValue() throws IOException {
      Replay replay = replay(one, both);

      assertThat(replay.values().find(PCR10, SHA1)).isNull();
      assertThat(replay.uncovered()).singleElement().matches(u -> u.record().number() == 0);
    }
  }

  @Nested
  class GivenRecordedValues {
    final EventRecord startsAtX = noAction(PCR10, 0, new StartValueEvent(sha256(X)).encode());
    final EventRecord one = event(PCR10, 1, "one", SHA256);

    @Test
    void whenALogBeginsWithAStartValue_thenItIsExtendedAndWhatWasBeforeIsUnproven()
        throws IOException {
      Replay replay = replay(startsAtX, one);

      assertThat(value(replay, PCR10, SHA256)).isEqualTo(extend(SHA256, X, digest(one, SHA256)));
      assertThat(replay.unproven().values())
          .extracting(Unproven::cause)
          .containsExactly(Unproven.Cause.START_VALUE);
      assertThat(replay.findings()).isEmpty();
    }

    @Test
    void whenTheRecordsBeforeGiveTheStartValue_thenNothingIsUnproven() throws IOException {
      Bytes after = extend(SHA256, ZEROS, digest(one, SHA256));
      EventRecord start = noAction(PCR10, 2, new StartValueEvent(sha256(after)).encode());

      Replay replay = replay(one, start, one);

      assertThat(replay.unproven()).isEmpty();
      assertThat(replay.findings()).isEmpty();
    }

    @Test
    void whenTheRecordsBeforeGiveAnother_thenTheContradictionIsFound() throws IOException {
      assertThat(replay(one, startsAtX).findings())
          .singleElement()
          .matches(f -> f.kind() == Finding.Kind.START_VALUE && f.record().number() == 1);
    }

    @Test
    void whenABankHasNoStartValue_thenItIsNotReplayed() throws IOException {
      Replay replay = replay(startsAtX, event(PCR10, 1, "one", SHA1, SHA256));

      assertThat(replay.values().find(PCR10, SHA1)).isNull();
    }

    @Test
    void whenThereIsAGap_thenTheReplayGoesOnFromTheObservedValue() throws IOException {
      Bytes expected = extend(SHA256, ZEROS, digest(one, SHA256));
      EventRecord gap = noAction(PCR10, 2, new GapEvent(sha256(expected), sha256(Y)).encode());

      Replay replay = replay(one, gap, one);

      assertThat(value(replay, PCR10, SHA256)).isEqualTo(extend(SHA256, Y, digest(one, SHA256)));
      assertThat(replay.unproven().values())
          .extracting(Unproven::cause)
          .containsExactly(Unproven.Cause.GAP);
      assertThat(replay.findings()).isEmpty();
    }

    @Test
    void whenAGapExpectsWhatTheRecordsDoNotGive_thenThatIsFound() throws IOException {
      EventRecord gap = noAction(PCR10, 2, new GapEvent(sha256(X), sha256(Y)).encode());

      assertThat(replay(one, gap).findings()).hasSize(1);
    }

    @Test
    void whenSuchARecordIsMalformed_thenThatIsFound() throws IOException {
      Bytes cut = new StartValueEvent(sha256(X)).encode().slice(0, 30);

      assertThat(replay(noAction(PCR10, 0, cut)).findings())
          .singleElement()
          .extracting(Finding::message)
          .asString()
          .contains("cut off");
    }
  }

  @Nested
  class GivenImaLists {
    final EventRecord a1 = ima(0, "/a", SHA1);
    final EventRecord b1 = ima(1, "/b", SHA1);
    final EventRecord a256 = ima(0, "/a", SHA256);
    final EventRecord b256 = ima(1, "/b", SHA256);
    final Bytes own = extend(SHA256, ZEROS, digest(a256, SHA256), digest(b256, SHA256));

    @Test
    void whenThereIsTheSha1ListAlone_thenSha256IsDerivedAndMarked() throws IOException {
      Replay replay = replay(LogFormat.IMA, a1, b1);

      assertThat(value(replay, PCR10, SHA256)).isEqualTo(own);
      assertThat(replay.derived().get(PCR10)).containsExactly(SHA256);
    }

    @Test
    void whenThereAreListsOfBothBanks_thenEachFollowsItsOwn() throws IOException {
      Replay replay =
          Replayer.replay(
              List.of(RecordLog.of(LogFormat.IMA, a1, b1), RecordLog.of(LogFormat.IMA, a256, b256)),
              Limits.DEFAULT);

      assertThat(value(replay, PCR10, SHA256)).isEqualTo(own);
      assertThat(value(replay, PCR10, SHA1))
          .isEqualTo(extend(SHA1, Bytes.filled(20, 0), digest(a1, SHA1), digest(b1, SHA1)));
      assertThat(replay.derived()).isEmpty();
      assertThat(replay.uncovered()).isEmpty();
    }

    @Test
    void whenAnEntryIsAViolation_thenOnesAreExtendedInEveryBank() throws IOException {
      Replay replay = replay(LogFormat.IMA, Records.imaViolation(0, "/a", SHA1));

      assertThat(value(replay, PCR10, SHA1))
          .isEqualTo(extend(SHA1, Bytes.filled(20, 0), Bytes.filled(20, 0xFF)));
      assertThat(value(replay, PCR10, SHA256))
          .isEqualTo(extend(SHA256, ZEROS, Bytes.filled(32, 0xFF)));
    }

    @Test
    void whenEntriesOfOneListDifferInBanks_thenThoseBanksEnd() throws IOException {
      Replay replay = replay(LogFormat.CEL_TLV, a1, ima(1, "/b", SHA384));

      assertThat(replay.uncovered()).extracting(Replay.Uncovered::bank).contains(SHA1, SHA384);
    }
  }

  @Nested
  class GivenRecordNumbers {
    final RegisterId other = RegisterId.pcr(16);

    private List<Finding> findings(LogFormat format, long... numbers) throws IOException {
      EventRecord[] records = new EventRecord[numbers.length];
      for (int i = 0; i < numbers.length; i++) {
        records[i] = event(i % 2 == 0 ? PCR10 : other, numbers[i], "e" + i, SHA256);
      }
      return replay(format, records).findings();
    }

    @Test
    void whenTheyCountPerRegister_thenAllIsWell() throws IOException {
      assertThat(findings(LogFormat.CEL_TLV, 0, 0, 1, 1, 2)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void whenTheyCountAllRecords_thenAllIsWell(long first) throws IOException {
      assertThat(findings(LogFormat.CEL_JSON, first, first + 1, first + 2, first + 3)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
      "0, 0, 2, 1, 3, 'record 1 is missing before it'",
      "0, 0, 4, 1, 5, 'records 1 to 3 are missing before it'",
      "0, 0, 0, 1, 1, 'repeats the number 0'",
      "0, 0, 1, 1, 0, 'goes back to 0, needs 2'",
      "3, 0, 4, 1, 5, 'begins at record 3: records 0 to 2 are missing'",
      "0, 1, 2, 4, 5, 'record 3 is missing before it'",
    })
    void whenTheyJump_thenThePlaceIsFound(long a, long b, long c, long d, long e, String message)
        throws IOException {
      assertThat(findings(LogFormat.CEL_TLV, a, b, c, d, e))
          .singleElement()
          .extracting(Finding::message)
          .asString()
          .contains(message);
    }

    @Test
    void whenTheFormatHasNone_thenTheyAreNotLookedAt() throws IOException {
      assertThat(findings(LogFormat.TCG2, 5, 9, 1)).isEmpty();
    }

    @Test
    void whenASecondLogGoesOnOrBeginsAgain_thenAllIsWell() throws IOException {
      RecordLog zero = RecordLog.of(LogFormat.CEL_TLV, event(PCR10, 0, "a", SHA256));
      RecordLog one = RecordLog.of(LogFormat.CEL_TLV, event(PCR10, 1, "b", SHA256));

      assertThat(Replayer.replay(List.of(zero, one), Limits.DEFAULT).findings()).isEmpty();
      assertThat(Replayer.replay(List.of(zero, zero), Limits.DEFAULT).findings()).isEmpty();
    }
  }

  @Test
  void whenThereAreMoreRegistersThanTheLimit_thenTheReplayEndsAsDamaged() throws IOException {
    LogSource log =
        RecordLog.of(LogFormat.CEL_TLV, event(PCR0, 0, "a", SHA256), event(PCR10, 0, "b", SHA256));

    Replay replay = Replayer.replay(List.of(log), new Limits(1 << 20, 16, 1));

    assertThat(replay.complete()).isFalse();
    assertThat(replay.damage().orElseThrow().reason()).contains("more than 1 registers");
  }

  @Test
  void whenEveryRecordIsWrong_thenTheFindingsAreCountedAndBounded() throws IOException {
    EventRecord[] records = new EventRecord[500];
    Arrays.setAll(records, i -> Records.wrong(event(PCR10, i, "e" + i, SHA256), SHA256));

    Replay replay = replay(records);

    assertThat(replay.findings()).hasSize(64);
    assertThat(replay.findingCount()).isEqualTo(500);
    assertThat(replay.verdicts().mismatch()).isEqualTo(500);
  }
}
