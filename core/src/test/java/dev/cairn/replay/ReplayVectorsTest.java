package dev.cairn.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.Limits;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Json;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every log among the vectors that a value is known for replays to it in every bank. */
class ReplayVectorsTest {
  record Vector(String name, String format, RegisterValues values, Map<String, Object> info) {
    Replay replay() throws IOException {
      return Replayer.replay(List.of(VectorLogs.of(name, format)), Limits.DEFAULT);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Vector> logs() {
    List<Vector> vectors = new ArrayList<>();
    Json.parseObject(Vectors.bytes("expected.json"))
        .forEach(
            (name, value) -> {
              Map<String, Object> file = Json.object(value);
              Map<String, Object> info = Json.object(file, "info");
              String format = String.valueOf(file.get("format"));
              if (VectorLogs.canRead(format)
                  && !name.startsWith("fapi/") // its log is a dialect
                  && !"reject".equals(info.get("expect"))) {
                String kind = String.valueOf(info.get("registers"));
                vectors.add(new Vector(name, format, values(file, kind), info));
              }
            });
    return vectors.stream();
  }

  private static RegisterValues values(Map<String, Object> file, String kind) {
    Map<RegisterId, DigestSet> values = new HashMap<>();
    for (HashAlgorithm bank : HashAlgorithm.values()) {
      Json.object(file, bank.bank())
          .forEach(
              (index, hex) -> {
                RegisterId id =
                    new RegisterId(
                        RegisterId.Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
                        Long.parseLong(index));
                Digest digest = new Digest(bank, Bytes.fromHex(String.valueOf(hex)));
                List<Digest> all = new ArrayList<>();
                values.getOrDefault(id, DigestSet.EMPTY).forEach(all::add);
                all.add(digest);
                values.put(id, DigestSet.of(all));
              });
    }
    return RegisterValues.of(values);
  }

  @ParameterizedTest
  @MethodSource("logs")
  void whenReplayed_thenItGivesTheExpectedValues(Vector vector) throws IOException {
    assertThat(vector.replay().values().asMap()).isEqualTo(vector.values.asMap());
  }

  @ParameterizedTest
  @MethodSource("genuineLogs")
  void whenComparedWithItsEntryAsItStands_thenEveryValueMatches(Vector vector) throws IOException {
    if (vector.values.isEmpty()) {
      return; // a header alone, or nothing at all
    }
    VerificationReport report =
        Verifier.verify(
            List.of(VectorLogs.of(vector.name, vector.format)),
            RegisterValues.read(
                new ByteArrayInputStream(VectorLogs.entry(vector.name)), Limits.DEFAULT),
            VerifyOptions.STRICT,
            Limits.DEFAULT);

    assertThat(report.comparisons()).allMatch(RegisterComparison::passes);
    assertThat(report.ok())
        .isEqualTo(report.replay().complete() && report.replay().findingCount() == 0);
  }

  @ParameterizedTest
  @MethodSource("logs")
  void whenReplayed_thenRecordsAreCountedAndDamageIsSeen(Vector vector) throws IOException {
    Replay replay = vector.replay();

    assertThat(replay.records()).isEqualTo(vector.info.get("records"));
    assertThat(replay.notExtended()).isEqualTo(vector.info.getOrDefault("not_extended", 0L));
    assertThat(replay.complete()).isEqualTo(!vector.info.containsKey("error"));
  }

  static Stream<Vector> genuineLogs() {
    return logs().filter(log -> !log.name.equals("cel/variant_I_8_1_sm3.cel")); // zeros as SM3
  }

  @ParameterizedTest
  @MethodSource("genuineLogs")
  void whenAGenuineLogIsReplayed_thenNoRecordIsCalledWrong(Vector vector) throws IOException {
    assertThat(vector.replay().findings())
        .filteredOn(finding -> finding.kind() != Finding.Kind.RECNUM)
        .isEmpty();
  }
}
