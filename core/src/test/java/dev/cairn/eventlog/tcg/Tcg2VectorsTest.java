package dev.cairn.eventlog.tcg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Json;
import dev.cairn.testing.Logs;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every crypto-agile log among the vectors, against what expected.json says of it. */
class Tcg2VectorsTest {
  record Vector(String name, Map<String, Object> info) {
    byte[] bytes() {
      return Vectors.bytes(name);
    }

    Logs read() throws IOException {
      return Logs.read(Tcg2.reader(new ByteArrayInputStream(bytes()), Limits.DEFAULT));
    }

    int number(String key) {
      return Json.number(info, key);
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
              add(vectors, name, String.valueOf(file.get("format")), Json.object(file, "info"));
            });
    Json.parseObject(Vectors.bytes("boot/expected.json"))
        .forEach(
            (folder, value) ->
                Json.object(Json.object(value), "logs")
                    .forEach(
                        (name, log) -> {
                          Map<String, Object> info = Json.object(log);
                          String path = "boot/" + folder + "/" + name;
                          add(vectors, path, String.valueOf(info.get("format")), info);
                        }));
    return vectors.stream();
  }

  private static void add(
      List<Vector> vectors, String name, String format, Map<String, Object> info) {
    if (format.equals("tcg2") || format.equals("tcg2-ccel")) {
      vectors.add(new Vector(name, info));
    }
  }

  @ParameterizedTest
  @MethodSource("logs")
  void whenRead_thenRecordsAndEndAreAsExpected(Vector vector) throws IOException {
    Logs log = vector.read();

    assertThat(log.error()).isNull();
    assertThat(log.records()).hasSize(vector.number("records"));
    assertThat(log.records().stream().filter(record -> !record.content().measured()))
        .hasSize(vector.number("not_extended"));
    assertThat(log.end()).isEqualTo(vector.number("end"));
  }

  @ParameterizedTest
  @MethodSource("logs")
  void whenRead_thenTheHeaderSaysWhatIsExpected(Vector vector) throws IOException {
    EventRecord record = vector.read().records().get(0);
    SpecIdEvent header = SpecIdEvent.parse(((PcClientEvent) record.content()).data());

    assertThat(record.register().index()).isEqualTo(vector.number("header_index"));
    assertThat(header.errata()).isEqualTo(vector.number("errata"));
    assertThat(header.uintnSize()).isEqualTo(vector.number("uintn_size"));
    assertThat(header.platformClass()).isEqualTo(vector.number("platform_class"));
    assertThat(header.vendorInfo().length()).isEqualTo(vector.number("vendor_info_size"));
    assertThat(header.zeroSignature()).isEqualTo(vector.info.containsKey("header_signature"));
    assertThat(header.algorithms())
        .extracting(a -> HashAlgorithm.ofTpmId(a.id()).orElseThrow().bank())
        .isEqualTo(vector.info.get("algorithms"));
  }

  @ParameterizedTest
  @MethodSource("logs")
  void whenRead_thenTheRegistersAreOfTheExpectedKind(Vector vector) throws IOException {
    Object kind = vector.info.getOrDefault("registers", "pcr");

    assertThat(vector.read().records())
        .extracting(EventRecord::register)
        .extracting(RegisterId::kind)
        .containsOnly(RegisterId.Kind.valueOf(kind.toString().toUpperCase(Locale.ROOT)));
  }

  @ParameterizedTest
  @MethodSource("logs")
  void whenWrittenAgain_thenItIsTheSameLog(Vector vector) throws IOException {
    byte[] original = vector.bytes();
    List<EventRecord> records = vector.read().records();
    ByteArrayOutputStream copy = new ByteArrayOutputStream();

    Logs.write(Tcg2.writer(copy, Tcg2Options.DEFAULT), records);

    assertThat(
            Logs.readAll(Tcg2.reader(new ByteArrayInputStream(copy.toByteArray()), Limits.DEFAULT)))
        .isEqualTo(records);
    if (vector.name.equals("tcg2/acs_tpm2bios.log")) {
      assertThat(copy.size()).isEqualTo(original.length); // 8 records list digests the other way
    } else {
      int end = vector.number("end");
      assertThat(copy.toByteArray()).isEqualTo(Arrays.copyOf(original, end));
    }
  }
}
