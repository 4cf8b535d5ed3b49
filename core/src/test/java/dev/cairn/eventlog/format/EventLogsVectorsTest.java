package dev.cairn.eventlog.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.Bytes;
import dev.cairn.testing.Json;
import dev.cairn.testing.Logs;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of expected.json through the one door, without any hint. */
class EventLogsVectorsTest {
  record Vector(String name, Map<String, Object> info) {
    ByteArrayInputStream open() {
      return new ByteArrayInputStream(Vectors.bytes(name));
    }

    Optional<LogFormat> format() {
      return EventLogs.detect(Bytes.owning(Vectors.bytes(name)));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Vector> all() {
    List<Vector> vectors = new ArrayList<>();
    Json.parseObject(Vectors.bytes("expected.json"))
        .forEach(
            (name, file) -> vectors.add(new Vector(name, Json.object(Json.object(file), "info"))));
    return vectors.stream();
  }

  static Stream<Vector> readable() {
    return all().filter(vector -> vector.format().filter(LogFormat::readable).isPresent());
  }

  static Stream<Vector> others() {
    return all().filter(vector -> vector.format().filter(LogFormat::readable).isEmpty());
  }

  @ParameterizedTest
  @MethodSource("readable")
  void whenItIsReadable_thenItHasTheExpectedRecordsAndDamage(Vector vector) throws IOException {
    Logs log = Logs.read(EventLogs.open(vector.open()));

    assertThat(log.records()).hasSize(Json.number(vector.info, "records"));
    assertThat(log.error() != null).isEqualTo(vector.info.containsKey("error"));
    if (vector.info.containsKey("not_extended")) {
      assertThat(log.records().stream().filter(record -> !record.content().measured()))
          .hasSize(Json.number(vector.info, "not_extended"));
    }
  }

  @ParameterizedTest
  @MethodSource("others")
  void whenItIsNot_thenItIsRefusedByNameOrAsUnknown(Vector vector) {
    var refusal =
        catchThrowableOfType(
            UnsupportedLogFormatException.class, () -> EventLogs.open(vector.open()));

    assertThat(refusal.format()).isEqualTo(vector.format());
  }
}
