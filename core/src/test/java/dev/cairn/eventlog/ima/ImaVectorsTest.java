package dev.cairn.eventlog.ima;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.Limits;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
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

/** Every binary measurement list among the vectors, against what expected.json says of it. */
class ImaVectorsTest {
  record Vector(String name, HashAlgorithm bank, Map<String, Object> info) {
    Logs read() throws IOException {
      var in = new ByteArrayInputStream(Vectors.bytes(name));
      return Logs.read(ImaBinary.reader(in, Limits.DEFAULT));
    }

    boolean damaged() {
      return info.containsKey("error");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Vector> lists() {
    List<Vector> vectors = new ArrayList<>();
    Json.parseObject(Vectors.bytes("expected.json"))
        .forEach(
            (name, value) -> {
              String format = String.valueOf(Json.object(value).get("format"));
              if (format.startsWith("ima-binary-")) {
                HashAlgorithm bank =
                    HashAlgorithm.ofBank(format.substring("ima-binary-".length())).orElseThrow();
                vectors.add(new Vector(name, bank, Json.object(Json.object(value), "info")));
              }
            });
    Json.parseObject(Vectors.bytes("boot/expected.json"))
        .forEach(
            (folder, value) ->
                Json.object(Json.object(value), "logs")
                    .forEach((name, log) -> addBoot(vectors, folder, name, Json.object(log))));
    return vectors.stream();
  }

  private static void addBoot(
      List<Vector> vectors, String folder, String name, Map<String, Object> info) {
    if ("ima-binary".equals(info.get("format"))) {
      HashAlgorithm bank =
          switch (Json.number(info, "digest_size")) {
            case 20 -> HashAlgorithm.SHA1;
            case 32 -> HashAlgorithm.SHA256;
            case 48 -> HashAlgorithm.SHA384;
            default -> HashAlgorithm.SHA512;
          };
      vectors.add(new Vector("boot/" + folder + "/" + name, bank, info));
    }
  }

  @ParameterizedTest
  @MethodSource("lists")
  void whenRead_thenBankRecordsAndTemplatesAreAsExpected(Vector vector) throws IOException {
    Logs log = vector.read();

    Map<String, Object> templates = new TreeMap<>();
    for (EventRecord record : log.records()) {
      templates.merge(((ImaTemplate) record.content()).name(), 1L, (a, b) -> (Long) a + (Long) b);
      assertThat(record.digests().banks()).containsExactly(vector.bank);
    }
    assertThat(log.records()).hasSize(Json.number(vector.info, "records"));
    assertThat(templates).isEqualTo(vector.info.get("templates"));
    assertThat(log.error() != null).isEqualTo(vector.damaged());
    assertThat(log.end()).isEqualTo(vector.info.getOrDefault("end", vector.info.get("size")));
  }

  @ParameterizedTest
  @MethodSource("lists")
  void whenTemplatesAreHashed_thenEveryDigestIsReproducedOrAViolation(Vector vector)
      throws IOException {
    for (EventRecord record : vector.read().records()) {
      Digest logged = record.digests().at(0);
      ImaTemplate template = (ImaTemplate) record.content();
      if (!ImaBinary.isViolation(record)) {
        assertThat(ImaBinary.hashInput(template).map(vector.bank::hash)).contains(logged);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lists")
  void whenTemplatesAreCutIntoFields_thenEveryFieldHasItsPlace(Vector vector) throws IOException {
    for (EventRecord record : vector.read().records()) {
      ImaTemplate template = (ImaTemplate) record.content();
      assertThat(ImaFields.parse(template))
          .extracting(ImaField::id)
          .isEqualTo(ImaFields.ids(template.name()));
    }
  }
}
