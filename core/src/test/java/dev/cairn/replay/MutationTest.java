package dev.cairn.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Changed logs of real guests: none may pass, and what was changed is named. */
class MutationTest {
  /** One log of a boot, as records, and the values of the PCRs that it alone explains. */
  record Case(RecordLog log, RegisterValues values) {
    static Case of(String folder, String name) throws IOException {
      Boot boot = Boot.of(folder);
      RecordLog log = RecordLog.copyOf(boot.log(name));
      Replay replay = Replayer.replay(List.of(log), Limits.DEFAULT);
      Set<String> pcrs = new TreeSet<>();
      replay.values().asMap().keySet().forEach(id -> pcrs.add(Long.toString(id.index())));
      return new Case(log, boot.pcrs(pcrs, replay.values().banks()));
    }

    VerificationReport verify(List<EventRecord> changed) throws IOException {
      return Verifier.verify(
          List.of(log.with(changed)), values, VerifyOptions.STRICT, Limits.DEFAULT);
    }

    List<EventRecord> records() {
      return log.records();
    }

    @Override
    public String toString() {
      return log.name();
    }
  }

  static Stream<Case> firmwareLogs() throws IOException {
    String log = "binary_bios_measurements";
    return Stream.of(
        Case.of("secureboot-shim-grub-6.1", log),
        Case.of("uki-sdstub-7.3", log),
        Case.of("ovmf-direct-7.3", log));
  }

  private static boolean names(VerificationReport report, RecordLog log, int number) {
    return Stream.concat(
            report.replay().findings().stream().map(Finding::record),
            report.divergences().stream().flatMap(d -> d.records().stream()))
        .anyMatch(ref -> ref.log().equals(log.name()) && ref.number() == number);
  }

  private static EventRecord flip(EventRecord record, HashAlgorithm bank, int at) {
    List<Digest> digests = new ArrayList<>();
    for (Digest digest : record.digests()) {
      byte[] value = digest.value().toArray();
      if (digest.algorithm() == bank) {
        value[at % value.length] ^= 0x10;
      }
      digests.add(new Digest(digest.algorithm(), Bytes.owning(value)));
    }
    return new EventRecord(
        record.recnum(), record.register(), DigestSet.of(digests), record.content());
  }

  private static IntStream measured(Case boot) {
    return IntStream.range(0, boot.records().size())
        .filter(i -> boot.records().get(i).content().measured());
  }

  @Nested
  class GivenAFirmwareLog {
    @ParameterizedTest
    @MethodSource("dev.cairn.replay.MutationTest#firmwareLogs")
    void whenAByteOfAnyDigestIsChanged_thenItIsRefusedAndTheRecordIsNamed(Case boot)
        throws IOException {
      for (int i = 0; i < boot.records().size(); i++) {
        for (HashAlgorithm bank : boot.records().get(i).digests().banks()) {
          List<EventRecord> changed = new ArrayList<>(boot.records());
          changed.set(i, flip(changed.get(i), bank, 7 * i));
          VerificationReport report = boot.verify(changed);

          assertThat(report.ok()).as("record %d, %s", i, bank).isFalse();
          assertThat(names(report, boot.log(), i)).as("record %d, %s", i, bank).isTrue();
        }
      }
    }

    @ParameterizedTest
    @MethodSource("dev.cairn.replay.MutationTest#firmwareLogs")
    void whenAnyRecordIsDoubled_thenItIsRefusedAndTheRecordIsNamed(Case boot) throws IOException {
      for (int i : measured(boot).toArray()) {
        List<EventRecord> changed = new ArrayList<>(boot.records());
        changed.add(i + 1, changed.get(i));
        VerificationReport report = boot.verify(changed);

        assertThat(report.ok()).as("record %d", i).isFalse();
        assertThat(names(report, boot.log(), i + 1)).as("record %d", i).isTrue();
      }
    }

    @ParameterizedTest
    @MethodSource("dev.cairn.replay.MutationTest#firmwareLogs")
    void whenNeighboursOfARegisterAreSwapped_thenItIsRefusedAndBothAreNamed(Case boot)
        throws IOException {
      for (int i : measured(boot).toArray()) {
        int j = nextOfRegister(boot, i);
        if (j < 0 || boot.records().get(i).digests().equals(boot.records().get(j).digests())) {
          continue;
        }
        List<EventRecord> changed = new ArrayList<>(boot.records());
        Collections.swap(changed, i, j);
        VerificationReport report = boot.verify(changed);

        assertThat(report.ok()).as("records %d, %d", i, j).isFalse();
        assertThat(names(report, boot.log(), i)).as("records %d, %d", i, j).isTrue();
        assertThat(names(report, boot.log(), j)).as("records %d, %d", i, j).isTrue();
      }
    }

    private int nextOfRegister(Case boot, int i) {
      return measured(boot)
          .filter(j -> j > i)
          .filter(j -> boot.records().get(j).register().equals(boot.records().get(i).register()))
          .findFirst()
          .orElse(-1);
    }

    @ParameterizedTest
    @MethodSource("dev.cairn.replay.MutationTest#firmwareLogs")
    void whenAnyRecordIsDropped_thenItIsRefusedAndItsRegisterIsNamed(Case boot) throws IOException {
      for (int i : measured(boot).toArray()) {
        List<EventRecord> changed = new ArrayList<>(boot.records());
        EventRecord dropped = changed.remove(i);
        VerificationReport report = boot.verify(changed);

        assertThat(report.ok()).as("record %d", i).isFalse();
        assertThat(report.divergences())
            .singleElement()
            .extracting(Divergence::register)
            .isEqualTo(dropped.register());
      }
    }

    @Test
    void whenASeparatorIsDropped_thenItsPlaceIsFound() throws IOException {
      Case boot = Case.of("ovmf-direct-7.3", "binary_bios_measurements");
      int separator =
          measured(boot).filter(i -> isSeparator(boot.records().get(i))).findFirst().orElseThrow();
      List<EventRecord> changed = new ArrayList<>(boot.records());
      changed.remove(separator);

      assertThat(boot.verify(changed).divergences())
          .singleElement()
          .extracting(Divergence::cause)
          .isEqualTo(Divergence.Cause.MISSING_RECORD);
    }

    private boolean isSeparator(EventRecord record) {
      return record.content() instanceof PcClientEvent event
          && event.claimedEventType() == EventTypes.EV_SEPARATOR;
    }
  }

  @Nested
  class GivenAnImaList {
    private static final int STEP = 41; // of 347 records; each search costs tenths of a second

    private final Case boot;

    GivenAnImaList() throws IOException {
      boot = Case.of("ovmf-direct-7.3", "binary_runtime_measurements_sha256");
    }

    private IntStream sample() {
      return IntStream.iterate(1, i -> i + 1 < boot.records().size(), i -> i + STEP);
    }

    @Test
    void whenAByteOfADigestIsChanged_thenItIsRefusedAndTheRecordIsNamed() throws IOException {
      for (int i = 0; i < boot.records().size(); i++) {
        List<EventRecord> changed = new ArrayList<>(boot.records());
        changed.set(i, flip(changed.get(i), HashAlgorithm.SHA256, i));
        VerificationReport report = boot.verify(changed);

        assertThat(report.ok()).as("record %d", i).isFalse();
        assertThat(names(report, boot.log(), i)).as("record %d", i).isTrue();
        i += STEP / 4;
      }
    }

    @Test
    void whenARecordIsDoubled_thenItIsRefusedAndTheRecordIsNamed() throws IOException {
      for (int i : sample().toArray()) {
        List<EventRecord> changed = new ArrayList<>(boot.records());
        changed.add(i, changed.get(i));
        VerificationReport report = boot.verify(changed);

        assertThat(report.ok()).isFalse();
        assertThat(names(report, boot.log(), i + 1)).as("record %d", i).isTrue();
      }
    }

    @Test
    void whenNeighboursAreSwapped_thenItIsRefusedAndBothAreNamed() throws IOException {
      for (int i : sample().toArray()) {
        List<EventRecord> changed = new ArrayList<>(boot.records());
        Collections.swap(changed, i, i + 1);
        VerificationReport report = boot.verify(changed);

        assertThat(report.ok()).isFalse();
        assertThat(names(report, boot.log(), i)).as("record %d", i).isTrue();
        assertThat(names(report, boot.log(), i + 1)).as("record %d", i).isTrue();
      }
    }

    @Test
    void whenARecordIsDropped_thenItIsRefused() throws IOException {
      for (int i : sample().toArray()) {
        List<EventRecord> changed = new ArrayList<>(boot.records());
        changed.remove(i);

        assertThat(boot.verify(changed).ok()).as("record %d", i).isFalse();
      }
    }

    @Test
    void whenTheListIsAhead_thenTheLastRecordOfTheRegisterIsNamed() throws IOException {
      List<EventRecord> changed = new ArrayList<>(boot.records());
      changed.add(changed.get(5));
      VerificationReport report = boot.verify(changed);

      assertThat(report.ok()).isFalse();
      assertThat(report.divergences())
          .singleElement()
          .extracting(Divergence::cause)
          .isEqualTo(Divergence.Cause.TAIL);
      assertThat(names(report, boot.log(), boot.records().size() - 1)).isTrue();
    }
  }
}
