package dev.cairn.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.testing.Vectors;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged tools on the logs of real guests; the cases themselves are core's to exhaust. */
class BootLogsIT {
  private static final List<Integer> EXTENDED_BY_HAND = List.of(16, 23);

  @TempDir Path folder;

  private static Path boot(String name, String file) {
    return Vectors.path("boot").resolve(name).resolve(file);
  }

  private static List<String> logs(String name, String... files) {
    List<String> logs = new ArrayList<>();
    for (String file : files) {
      logs.add(boot(name, file).toString());
    }
    return logs;
  }

  /** The PCRs that the logs explain, as {@code cairn verify} wants them. */
  private Path values(String name) throws IOException {
    JsonObject expected =
        new JsonObject(Files.readString(Vectors.path("boot").resolve("expected.json")))
            .getJsonObject(name)
            .getJsonObject("pcrs_equal_replay");
    JsonObject pcrs =
        new JsonObject(Files.readString(boot(name, "pcrs.json"))).getJsonObject("after");
    JsonObject values = new JsonObject().put("registers", "pcr");
    for (String bank : expected.fieldNames()) {
      JsonObject registers = new JsonObject();
      JsonArray numbers = expected.getJsonArray(bank);
      for (int i = 0; i < numbers.size(); i++) {
        if (!EXTENDED_BY_HAND.contains(numbers.getInteger(i))) {
          String pcr = numbers.getInteger(i).toString();
          registers.put(pcr, pcrs.getJsonObject(bank).getString(pcr));
        }
      }
      values.put(bank, registers);
    }
    return Files.writeString(folder.resolve("values.json"), values.encode());
  }

  private Packaged.Result verify(List<String> logs, Path values) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("verify"));
    arguments.addAll(logs);
    arguments.addAll(List.of("--values", values.toString(), "--json"));
    return Packaged.run(folder, arguments.toArray(String[]::new));
  }

  private static List<String> uki() {
    return logs(
        "uki-sdstub-7.3",
        "binary_bios_measurements",
        "binary_runtime_measurements_sha1",
        "binary_runtime_measurements_sha256",
        "binary_runtime_measurements_sha384",
        "binary_runtime_measurements_sha512");
  }

  @Test
  void whenAllListsOfABootAreGiven_thenEveryBankMatches() throws Exception {
    Packaged.Result result = verify(uki(), values("uki-sdstub-7.3"));

    assertThat(result.status()).as(result.out()).isZero();
    assertThat(new JsonObject(result.out()).getBoolean("ok")).isTrue();
  }

  @Test
  void whenAKernelHasOneListForAllBanks_thenEveryBankMatches() throws Exception {
    List<String> logs =
        logs("secureboot-shim-grub-6.1", "binary_bios_measurements", "binary_runtime_measurements");

    Packaged.Result result = verify(logs, values("secureboot-shim-grub-6.1"));

    assertThat(result.status()).as(result.out()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 20, 37})
  void whenARecordOfTheFirmwareLogIsDropped_thenTheMismatchNamesARecord(int dropped)
      throws Exception {
    List<String> logs = new ArrayList<>(uki());
    Path changed = folder.resolve("changed");
    try (EventReader reader = EventLogs.open(Files.newInputStream(Path.of(logs.get(0))));
        OutputStream out = Files.newOutputStream(changed);
        EventWriter writer = EventLogs.writer(LogFormat.TCG2, out)) {
      int number = 0;
      for (EventRecord record = reader.next(); record != null; record = reader.next()) {
        if (number++ != dropped) {
          writer.write(record);
        }
      }
    }
    logs.set(0, changed.toString());

    Packaged.Result result = verify(logs, values("uki-sdstub-7.3"));

    assertThat(result.status()).isEqualTo(1);
    assertThat(new JsonObject(result.out()).getJsonArray("divergences")).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "uki-sdstub-7.3, binary_bios_measurements, tcg2",
    "uki-sdstub-7.3, binary_runtime_measurements_sha384, ima",
    "secureboot-shim-grub-6.1, binary_bios_measurements, tcg2",
    "ima-awkward-names, binary_runtime_measurements_sha256, ima",
    "ccel-synthetic, data.CCEL, tcg2"
  })
  void whenConvertedToEveryEncoding_thenTheRecordsAndTheReplayStayTheSame(
      String name, String file, String format) throws Exception {
    Path source = boot(name, file);
    JsonObject replayed = replay(source);
    assertThat(replayed.getString("format")).isEqualTo(format);
    List<EventRecord> records = records(source);
    for (String encoding : List.of("cel-tlv", "cel-json", "cel-json-seq")) {
      Path converted = folder.resolve(encoding);
      Packaged.Result result =
          Packaged.run(
              folder, "convert", source.toString(), "--to", encoding, "-o", converted.toString());
      assertThat(result.status()).as(result.err()).isZero();
      assertThat(records(converted)).as(encoding).isEqualTo(records);
      JsonObject again = replay(converted);
      for (String bank : List.of("registers", "sha1", "sha256", "sha384", "sha512")) {
        assertThat(again.getValue(bank)).as(encoding).isEqualTo(replayed.getValue(bank));
      }
    }
  }

  private JsonObject replay(Path log) throws Exception {
    Packaged.Result result = Packaged.run(folder, "replay", log.toString(), "--json");
    assertThat(result.status()).as(result.err()).isZero();
    return new JsonObject(result.out());
  }

  private static List<EventRecord> records(Path log) throws IOException {
    List<EventRecord> records = new ArrayList<>();
    try (EventReader reader = EventLogs.open(Files.newInputStream(log))) {
      for (EventRecord record = reader.next(); record != null; record = reader.next()) {
        records.add(record);
      }
    }
    return records;
  }
}
