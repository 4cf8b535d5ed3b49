package dev.cairn.replay;

import static dev.cairn.measure.HashAlgorithm.SHA1;
import static dev.cairn.measure.HashAlgorithm.SHA256;
import static dev.cairn.measure.HashAlgorithm.SHA384;
import static dev.cairn.replay.Records.PCR10;
import static dev.cairn.replay.Records.digest;
import static dev.cairn.replay.Records.event;
import static dev.cairn.replay.Records.extend;
import static dev.cairn.replay.Records.ima;
import static dev.cairn.replay.Records.noAction;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.GapEvent;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.StartValueEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.RegisterComparison.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifierTest {
  private static final Bytes ZEROS = Bytes.filled(32, 0);
  private static final Bytes X = Bytes.filled(32, 0x58);
  private static final VerifyOptions ALLOW_TAIL = new VerifyOptions(true, false);

  private static RegisterValues values(RegisterId register, Digest... digests) {
    return RegisterValues.of(Map.of(register, DigestSet.of(digests)));
  }

  private static RegisterValues pcr10(Bytes sha256) {
    return values(PCR10, new Digest(SHA256, sha256));
  }

  private static VerificationReport verify(RegisterValues values, EventRecord... records)
      throws IOException {
    return verify(VerifyOptions.STRICT, values, records);
  }

  private static VerificationReport verify(
      VerifyOptions options, RegisterValues values, EventRecord... records) throws IOException {
    return Verifier.verify(
        List.of(RecordLog.of(LogFormat.TCG2, records)), values, options, Limits.DEFAULT);
  }

  private static Status status(VerificationReport report) {
    assertThat(report.comparisons()).hasSize(1);
    return report.comparisons().get(0).status();
  }

  private static Divergence divergence(VerificationReport report) {
    assertThat(report.divergences()).hasSize(1);
    return report.divergences().get(0);
  }

  @Nested
  class GivenARegisterThatNoRecordExtends {
    @ParameterizedTest
    @CsvSource({"pcr16, 0", "pcr17, 255", "pcr22, 255", "rtmr3, 0"})
    void whenItHoldsItsFirstValue_thenItMatches(String register, int filler) throws IOException {
      RegisterId id = RegisterId.parse(register).orElseThrow();
      RegisterValues values = values(id, new Digest(SHA256, Bytes.filled(32, filler)));

      assertThat(verify(values).ok()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"pcr16, 1", "pcr16, 255", "pcr17, 0", "rtmr3, 255"})
    void whenItHoldsAnother_thenItIsAMismatchAndThatIsSaid(String register, int filler)
        throws IOException {
      RegisterId id = RegisterId.parse(register).orElseThrow();
      RegisterValues values = values(id, new Digest(SHA256, Bytes.filled(32, filler)));
      VerificationReport report = verify(values, event(PCR10, 0, "other", SHA256));

      assertThat(report.ok()).isFalse();
      assertThat(status(report)).isEqualTo(Status.MISMATCH);
      assertThat(divergence(report).cause()).isEqualTo(Divergence.Cause.NO_RECORD);
    }

    @Test
    void whenItIsMrtd_thenItDoesNotCount() throws IOException {
      RegisterValues values = values(RegisterId.MRTD, new Digest(SHA384, Bytes.filled(48, 5)));
      VerificationReport report = verify(values);

      assertThat(status(report)).isEqualTo(Status.NOT_EXTENDABLE);
      assertThat(report.divergences()).isEmpty();
    }
  }

  @Nested
  class GivenThreeRecords {
    final EventRecord[] log = {
      event(PCR10, 0, "a", SHA256), event(PCR10, 1, "b", SHA256), event(PCR10, 2, "c", SHA256)
    };
    final Bytes a = digest(log[0], SHA256);
    final Bytes b = digest(log[1], SHA256);
    final Bytes c = digest(log[2], SHA256);

    @Test
    void whenTheValueIsTheirs_thenItMatches() throws IOException {
      VerificationReport report = verify(pcr10(extend(SHA256, ZEROS, a, b, c)), log);

      assertThat(report.ok()).isTrue();
      assertThat(report.notCompared()).isEmpty();
    }

    @Test
    void whenARegisterHasNoGivenValue_thenItsRecordsAreNotCalledCompared() throws IOException {
      RegisterValues other = values(RegisterId.pcr(16), new Digest(SHA256, ZEROS));

      assertThat(verify(other, log).notCompared()).containsExactly(PCR10);
    }

    @Test
    void whenTheLogIsAhead_thenTheFirstRecordTooManyIsNamed() throws IOException {
      VerificationReport report = verify(pcr10(extend(SHA256, ZEROS, a)), log);

      assertThat(report.ok()).isFalse();
      assertThat(divergence(report).cause()).isEqualTo(Divergence.Cause.TAIL);
      assertThat(divergence(report).records()).extracting(RecordRef::number).startsWith(1L);
    }

    @Test
    void whenTheLogMayBeAhead_thenItPasses() throws IOException {
      VerificationReport report = verify(ALLOW_TAIL, pcr10(extend(SHA256, ZEROS, a)), log);

      assertThat(report.ok()).isTrue();
      assertThat(status(report)).isEqualTo(Status.MATCH_BEFORE_END);
      assertThat(report.comparisons().get(0).detail()).contains("extend 1 of 3");
    }

    @Test
    void whenTheRegisterHoldsNothingOfALogThatMayBeAhead_thenItDoesNotPass() throws IOException {
      VerificationReport report = verify(ALLOW_TAIL, pcr10(ZEROS), log);

      assertThat(report.ok()).isFalse();
      assertThat(divergence(report).message()).contains("start value");
    }

    @Test
    void whenTwoWereExtendedTheOtherWayRound_thenBothAreNamed() throws IOException {
      VerificationReport report = verify(pcr10(extend(SHA256, ZEROS, a, c, b)), log);

      assertThat(divergence(report).cause()).isEqualTo(Divergence.Cause.SWAPPED_RECORDS);
      assertThat(divergence(report).records()).extracting(RecordRef::number).contains(1L, 2L);
    }

    @Test
    void whenOneWasNotExtended_thenItIsNamed() throws IOException {
      VerificationReport report = verify(pcr10(extend(SHA256, ZEROS, a, c)), log);

      assertThat(divergence(report).cause()).isEqualTo(Divergence.Cause.SURPLUS_RECORD);
      assertThat(divergence(report).records()).extracting(RecordRef::number).containsExactly(1L);
    }

    @Test
    void whenASeparatorIsMissing_thenItIsNamedWithItsPlace() throws IOException {
      Bytes separator = SHA256.hash(Bytes.filled(4, 0)).value();
      VerificationReport report = verify(pcr10(extend(SHA256, ZEROS, a, separator, b, c)), log);

      assertThat(divergence(report).cause()).isEqualTo(Divergence.Cause.MISSING_RECORD);
      assertThat(divergence(report).message()).contains("EV_SEPARATOR 00000000", "before");
      assertThat(divergence(report).records()).extracting(RecordRef::number).containsExactly(1L);
    }

    @Test
    void whenOneWasExtendedOnceMoreAtTheEnd_thenItIsNamed() throws IOException {
      VerificationReport report = verify(pcr10(extend(SHA256, ZEROS, a, b, c, a)), log);

      assertThat(divergence(report).cause()).isEqualTo(Divergence.Cause.MISSING_RECORD);
      assertThat(divergence(report).message()).contains("record 0", "after");
    }

    @Test
    void whenNothingExplainsIt_thenFirstAndLastAreNamed() throws IOException {
      VerificationReport report = verify(pcr10(X), log);

      assertThat(divergence(report).cause()).isEqualTo(Divergence.Cause.UNKNOWN);
      assertThat(divergence(report).records())
          .extracting(RecordRef::number)
          .containsExactly(0L, 2L);
    }

    @Test
    void whenADigestIsWrong_thenTheRecordIsNamedEvenIfTheRegisterAgrees() throws IOException {
      EventRecord wrong = Records.wrong(log[1], SHA256);
      RegisterValues values = pcr10(extend(SHA256, ZEROS, a, digest(wrong, SHA256), c));
      VerificationReport report = verify(values, log[0], wrong, log[2]);

      assertThat(status(report)).isEqualTo(Status.MATCH);
      assertThat(report.ok()).isFalse();
      assertThat(report.replay().findings())
          .extracting(f -> f.record().number())
          .containsExactly(1L);
    }

    @Test
    void whenALogOfManyRecordsDiffers_thenTheSearchStaysWithinItsBounds() throws IOException {
      EventRecord[] many = new EventRecord[History.MAX_EXTENDS + 1];
      Arrays.setAll(many, i -> event(PCR10, i, "e" + i, SHA256));

      assertThat(divergence(verify(pcr10(X), many)).cause()).isEqualTo(Divergence.Cause.UNKNOWN);
    }
  }

  @Nested
  class GivenTwoBanks {
    private final EventRecord[] log = {
      event(PCR10, 0, "a", SHA1, SHA256), event(PCR10, 1, "b", SHA1, SHA256)
    };

    private Digest after(HashAlgorithm bank, int... order) {
      List<Bytes> digests = new ArrayList<>();
      for (int i : order) {
        digests.add(digest(log[i], bank));
      }
      Bytes zeros = Bytes.filled(bank.sizeBytes(), 0);
      return new Digest(bank, extend(bank, zeros, digests.toArray(new Bytes[0])));
    }

    @Test
    void whenBothShowTheSameFault_thenItIsNamed() throws IOException {
      VerificationReport report =
          verify(values(PCR10, after(SHA1, 1, 0), after(SHA256, 1, 0)), log);

      assertThat(divergence(report).cause()).isEqualTo(Divergence.Cause.SWAPPED_RECORDS);
      assertThat(divergence(report).banks()).containsExactlyInAnyOrder(SHA1, SHA256);
    }

    @Test
    void whenTheyShowDifferentFaults_thenNeitherExplainsIt() throws IOException {
      VerificationReport report = verify(values(PCR10, after(SHA1, 1, 0), after(SHA256, 0)), log);

      assertThat(divergence(report).cause()).isEqualTo(Divergence.Cause.UNKNOWN);
    }

    @Test
    void whenTheyEndAtDifferentRecords_thenATailIsNotAllowed() throws IOException {
      VerificationReport report =
          verify(ALLOW_TAIL, values(PCR10, after(SHA1, 0), after(SHA256, 0, 1)), log);

      assertThat(report.ok()).isFalse();
    }

    @Test
    void whenARecordLacksOne_thenThatBankIsNotCovered() throws IOException {
      EventRecord one = event(PCR10, 1, "b", SHA256);
      VerificationReport report =
          verify(values(PCR10, after(SHA1, 0, 1), after(SHA256, 0, 1)), log[0], one);

      assertThat(report.ok()).isFalse();
      assertThat(report.comparisons())
          .extracting(RegisterComparison::status)
          .containsExactly(Status.NOT_COVERED, Status.MATCH);
    }

    @Test
    void whenABankIsInNoRecord_thenItIsNotCoveredEvenAtItsFirstValue() throws IOException {
      VerificationReport report =
          verify(values(PCR10, new Digest(SHA384, Bytes.filled(48, 0))), log);

      assertThat(status(report)).isEqualTo(Status.NOT_COVERED);
    }
  }

  @Nested
  class GivenRecordedValues {
    private final EventRecord one = event(PCR10, 1, "one", SHA256);
    private final DigestSet x = DigestSet.of(new Digest(SHA256, X));
    private final RegisterValues afterX = pcr10(extend(SHA256, X, digest(one, SHA256)));

    @Test
    void whenTheLogBeginsWithAStartValue_thenItMatchesAndIsMarked() throws IOException {
      VerificationReport report =
          verify(afterX, noAction(PCR10, 0, new StartValueEvent(x).encode()), one);

      assertThat(report.ok()).isTrue();
      assertThat(report.replay().unproven()).containsOnlyKeys(PCR10);
    }

    @Test
    void whenTheLogHasAGap_thenItPassesOnlyIfThatIsAllowed() throws IOException {
      DigestSet zeros = DigestSet.of(new Digest(SHA256, ZEROS));
      EventRecord gap = noAction(PCR10, 0, new GapEvent(zeros, x).encode());

      assertThat(verify(afterX, gap, one).ok()).isFalse();
      assertThat(verify(new VerifyOptions(false, true), afterX, gap, one).ok()).isTrue();
    }
  }

  @Nested
  class GivenAnImaList {
    private final EventRecord entry = ima(0, "/a", SHA1);

    @Test
    void whenABankTookThePaddedDigest_thenThatRuleIsReported() throws IOException {
      byte[] padded = new byte[48];
      digest(entry, SHA1).copyTo(padded, 0);
      Digest value = new Digest(SHA384, extend(SHA384, Bytes.filled(48, 0), Bytes.owning(padded)));
      VerificationReport report = verify(values(PCR10, value), entry);

      assertThat(report.ok()).isTrue();
      assertThat(report.comparisons().get(0).rule()).isEqualTo(Rule.PADDED_SHA1);
    }

    @Test
    void whenABankTookItsOwnHash_thenThatRuleIsReported() throws IOException {
      Bytes own = digest(ima(0, "/a", SHA384), SHA384);
      Digest value = new Digest(SHA384, extend(SHA384, Bytes.filled(48, 0), own));
      VerificationReport report = verify(values(PCR10, value), entry);

      assertThat(report.comparisons().get(0).rule()).isEqualTo(Rule.TEMPLATE_DATA);
    }

    @Test
    void whenABankTookSomethingElse_thenItIsAMismatch() throws IOException {
      assertThat(status(verify(pcr10(X), entry))).isEqualTo(Status.MISMATCH);
    }
  }

  @Test
  void whenTheLogIsDamaged_thenMatchingRegistersAreNotEnough() throws IOException {
    LogSource cut = VectorLogs.of("cel/variant_N_truncated.cel", "cel-tlv");
    RegisterValues values = Replayer.replay(List.of(cut), Limits.DEFAULT).values();
    VerificationReport report =
        Verifier.verify(List.of(cut), values, VerifyOptions.STRICT, Limits.DEFAULT);

    assertThat(report.comparisons()).allMatch(RegisterComparison::passes);
    assertThat(report.ok()).isFalse();
    assertThat(report.replay().damage().orElseThrow().offset()).isEqualTo(461);
  }

  @Test
  void whenNoValueIsGiven_thenThereIsNothingToAgreeWith() {
    assertThatThrownBy(() -> verify(RegisterValues.EMPTY, event(PCR10, 0, "a", SHA256)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
