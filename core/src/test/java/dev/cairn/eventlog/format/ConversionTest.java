package dev.cairn.eventlog.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.testing.Json;
import dev.cairn.testing.Logs;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Real logs through every format that can be written, and back. */
class ConversionTest {
  private static final String TWO_ORDERS_OF_DIGESTS = "tcg2/acs_tpm2bios.log"; // model: one

  static Stream<Arguments> logs() {
    return Stream.concat(each(names("tcg2")), each(names("ima-binary")));
  }

  static Stream<Arguments> cryptoAgileLogs() {
    List<String> names = names("tcg2");
    names.remove(TWO_ORDERS_OF_DIGESTS);
    return each(names);
  }

  private static Stream<Arguments> each(List<String> names) {
    return names.stream()
        .flatMap(
            name ->
                Arrays.stream(LogFormat.values())
                    .filter(target -> target.readable() && target.writable())
                    .filter(target -> target != LogFormat.TCG2)
                    .map(target -> Arguments.of(name, target)));
  }

  private static List<String> names(String format) {
    Map<String, Object> files = Json.parseObject(Vectors.bytes("expected.json"));
    List<String> names = new ArrayList<>(namesOf(files, "", format));
    Json.parseObject(Vectors.bytes("boot/expected.json"))
        .forEach(
            (folder, guest) ->
                names.addAll(
                    namesOf(
                        Json.object(Json.object(guest), "logs"), "boot/" + folder + "/", format)));
    return names;
  }

  private static List<String> namesOf(Map<String, Object> files, String folder, String format) {
    return files.entrySet().stream()
        .filter(f -> String.valueOf(Json.object(f.getValue()).get("format")).startsWith(format))
        .map(file -> folder + file.getKey())
        .toList();
  }

  private static byte[] write(LogFormat format, List<EventRecord> records) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Logs.write(EventLogs.writer(format, out), records);
    return out.toByteArray();
  }

  @ParameterizedTest
  @MethodSource("logs")
  void whenConverted_thenTheRecordsAreTheSame(String name, LogFormat target) throws IOException {
    List<EventRecord> records =
        Logs.read(EventLogs.open(new ByteArrayInputStream(Vectors.bytes(name)))).records();

    byte[] converted = write(target, records);

    var reader = EventLogs.open(new ByteArrayInputStream(converted));
    assertThat(reader.format()).isEqualTo(target);
    assertThat(Logs.readAll(reader)).isEqualTo(records);
  }

  @ParameterizedTest
  @MethodSource("cryptoAgileLogs")
  void whenConvertedAndBack_thenACryptoAgileLogHasTheSameBytes(String name, LogFormat target)
      throws IOException {
    byte[] original = Vectors.bytes(name);
    Logs log = Logs.read(EventLogs.open(new ByteArrayInputStream(original)));

    byte[] converted = write(target, log.records());
    List<EventRecord> read = Logs.readAll(EventLogs.open(new ByteArrayInputStream(converted)));

    assertThat(write(LogFormat.TCG2, read))
        .isEqualTo(Arrays.copyOf(original, Math.toIntExact(log.end())));
  }
}
