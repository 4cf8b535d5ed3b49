package dev.cairn.eventlog.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Json;
import dev.cairn.testing.Logs;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every log of systemd's among the vectors, against what expected.json says of it. */
class SystemdVectorsTest {
  record Vector(String name, Map<String, Object> expected) {
    Logs read() throws IOException {
      var in = new ByteArrayInputStream(Vectors.bytes(name));
      return Logs.read(SystemdLog.reader(in, Limits.DEFAULT));
    }

    Map<String, Object> info() {
      return Json.object(expected, "info");
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
              if (name.startsWith("systemd/") && name.endsWith(".log")) {
                vectors.add(new Vector(name, Json.object(value)));
              }
            });
    assertThat(vectors).hasSizeGreaterThan(10);
    return vectors.stream();
  }

  @ParameterizedTest
  @MethodSource("logs")
  void whenRead_thenRecordsAndDamageAreAsExpected(Vector vector) throws IOException {
    Logs log = vector.read();

    assertThat(log.records()).hasSize(Json.number(vector.info(), "records"));
    assertThat(log.error() != null).isEqualTo(vector.info().containsKey("error"));
    assertThat(log.records().stream().filter(record -> !record.content().measured()))
        .hasSize(Json.number(vector.info(), "not_extended"));
  }

  @ParameterizedTest
  @MethodSource("logs")
  void whenExtended_thenTheRegistersHoldWhatIsExpected(Vector vector) throws IOException {
    Hasher hasher = new Hasher();
    Map<String, Map<String, Object>> values = new TreeMap<>();
    Map<RegisterId, Map<HashAlgorithm, Digest>> registers = new TreeMap<>();
    for (EventRecord record : vector.read().records()) {
      if (record.content().measured()) {
        for (Digest digest : record.digests()) {
          HashAlgorithm bank = digest.algorithm();
          registers
              .computeIfAbsent(record.register(), id -> new TreeMap<>())
              .merge(
                  bank,
                  hasher.extend(DigestSet.filled(List.of(bank), 0).at(0), digest),
                  (before, first) -> hasher.extend(before, digest));
        }
      }
    }
    registers.forEach(
        (id, banks) ->
            banks.forEach(
                (bank, value) ->
                    values
                        .computeIfAbsent(bank.bank(), name -> new TreeMap<>())
                        .put(index(id), value.value().toHex())));

    Map<String, Object> expected = new TreeMap<>(vector.expected());
    expected.keySet().removeAll(List.of("format", "info"));
    assertThat(values).isEqualTo(expected);
  }

  private static String index(RegisterId id) {
    return String.valueOf(id.rtmrOrdinal().isPresent() ? id.rtmrOrdinal().getAsInt() : id.index());
  }
}
