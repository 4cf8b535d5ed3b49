package dev.cairn.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random histories against the obvious way to compute them. */
class ReplayProperties {
  private static final HashAlgorithm[] BANKS = HashAlgorithm.values();

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  private static List<EventRecord> history(Random random) {
    HashAlgorithm[] banks = {BANKS[random.nextInt(4)], BANKS[4 + random.nextInt(4)]};
    Map<RegisterId, Long> next = new TreeMap<>();
    List<EventRecord> records = new ArrayList<>();
    for (int i = random.nextInt(60); i > 0; i--) {
      RegisterId id =
          random.nextBoolean()
              ? RegisterId.pcr(random.nextInt(24))
              : RegisterId.rtmr(random.nextInt(4));
      long recnum = next.merge(id, 1L, Long::sum) - 1;
      records.add(Records.event(id, recnum, "e" + random.nextInt(1000), banks));
    }
    return records;
  }

  private static Map<RegisterId, DigestSet> model(List<EventRecord> records) {
    Hasher hasher = new Hasher();
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    for (EventRecord record : records) {
      RegisterId id = record.register();
      boolean ones = id.kind() == RegisterId.Kind.PCR && id.index() >= 17 && id.index() <= 22;
      DigestSet start = DigestSet.filled(record.digests().banks(), ones ? 0xFF : 0);
      values.put(id, hasher.extend(values.getOrDefault(id, start), record.digests()));
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whenAHistoryIsReplayed_thenItGivesWhatTheModelGives(long seed) throws IOException {
    List<EventRecord> records = history(new Random(seed));
    Replay replay =
        Replayer.replay(List.of(new RecordLog("log", LogFormat.CEL_TLV, records)), Limits.DEFAULT);

    assertThat(replay.values().asMap()).isEqualTo(model(records));
    assertThat(replay.findings()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whenItIsCutIntoLogs_thenTheyAreTheSameHistory(long seed) throws IOException {
    Random random = new Random(seed);
    List<EventRecord> records = history(random);
    int cut = random.nextInt(records.size() + 1);
    RecordLog first = new RecordLog("1", LogFormat.CEL_TLV, records.subList(0, cut));
    RecordLog second = new RecordLog("2", LogFormat.CEL_TLV, records.subList(cut, records.size()));

    Replay replay = Replayer.replay(List.of(first, second), Limits.DEFAULT);

    assertThat(replay.values().asMap()).isEqualTo(model(records));
    assertThat(replay.findings()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whenRecordsAreShuffled_thenItPassesOnlyIfNoRegisterNotices(long seed) throws IOException {
    Random random = new Random(seed);
    List<EventRecord> records = history(random);
    if (records.isEmpty()) {
      return;
    }
    List<EventRecord> shuffled = new ArrayList<>(records);
    Collections.swap(shuffled, random.nextInt(records.size()), random.nextInt(records.size()));
    Map<RegisterId, DigestSet> values = model(records);
    VerificationReport report =
        Verifier.verify(
            List.of(new RecordLog("log", LogFormat.TCG2, shuffled)),
            RegisterValues.of(values),
            VerifyOptions.STRICT,
            Limits.DEFAULT);

    assertThat(report.ok()).isEqualTo(model(shuffled).equals(values));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whenAnyValueIsChanged_thenExactlyThatRegisterAndBankDiffers(long seed) throws IOException {
    Random random = new Random(seed);
    List<EventRecord> records = history(random);
    if (records.isEmpty()) {
      return;
    }
    EventRecord any = records.get(random.nextInt(records.size()));
    Digest value = any.digests().at(random.nextInt(2));
    Map<RegisterId, DigestSet> values = model(records);
    List<Digest> changed = new ArrayList<>();
    values
        .getOrDefault(any.register(), DigestSet.EMPTY)
        .forEach(d -> changed.add(d.algorithm() == value.algorithm() ? value : d));
    values.put(any.register(), DigestSet.of(changed));

    VerificationReport report =
        Verifier.verify(
            List.of(new RecordLog("log", LogFormat.CEL_TLV, records)),
            RegisterValues.of(values),
            VerifyOptions.STRICT,
            Limits.DEFAULT);

    assertThat(report.comparisons().stream().filter(c -> !c.passes()))
        .singleElement()
        .matches(c -> c.register().equals(any.register()) && c.bank() == value.algorithm());
  }
}
