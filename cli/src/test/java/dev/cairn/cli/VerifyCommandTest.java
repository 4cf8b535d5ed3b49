package dev.cairn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifyCommandTest {
  private static final int RECORDS = 4;

  @TempDir Path folder;
  private final TestConsole console = new TestConsole();
  private Path values = Path.of("");

  @BeforeEach
  void replayTheWholeLog() throws IOException {
    TestConsole replay = new TestConsole();
    replay.run("replay", log(SampleLogs.events(0, RECORDS)).toString(), "--json");
    values = Files.write(folder.resolve("values.json"), replay.outBytes());
  }

  private Path log(List<EventRecord> records) throws IOException {
    return SampleLogs.write(folder.resolve("log.cel"), LogFormat.CEL_TLV, records);
  }

  private int verify(Path log, String... more) {
    String[] all = new String[more.length + 4];
    all[0] = "verify";
    all[1] = log.toString();
    all[2] = "--values";
    all[3] = values.toString();
    System.arraycopy(more, 0, all, 4, more.length);
    return console.run(all);
  }

  @Test
  void whenTheLogIsTheOne_thenItMatches() throws Exception {
    assertThat(verify(log(SampleLogs.events(0, RECORDS)))).isZero();
    assertThat(console.out()).contains("rtmr2     sha384   match", "match: 1 of 1 values");
  }

  @ParameterizedTest
  @CsvSource({"drop, 1", "double, 2", "swap, 1"})
  void whenARecordIsTamperedWith_thenItIsNamed(String how, int index) throws Exception {
    List<EventRecord> records = new ArrayList<>(SampleLogs.events(0, RECORDS));
    switch (how) {
      case "drop" -> records.remove(index);
      case "double" -> records.add(index, records.get(index));
      default -> Collections.swap(records, index, index + 1);
    }

    assertThat(verify(log(records), "--json")).isEqualTo(ExitStatus.NO);
    assertThat(console.json()).containsEntry("ok", false);
    assertThat(console.json().get("divergences"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(1);
    assertThat(console.out()).contains("\"recnum\" : ");
  }

  @Test
  void whenADigestIsWrong_thenThatRecordIsNamed() throws Exception {
    byte[] bytes = Files.readAllBytes(log(SampleLogs.events(0, RECORDS)));
    int record = bytes.length / RECORDS;
    bytes[record + 40] ^= 1; // within the digest of record 1
    Path changed = Files.write(folder.resolve("changed.cel"), bytes);

    assertThat(verify(changed)).isEqualTo(ExitStatus.NO);
    assertThat(console.out()).contains("MISMATCH", "rtmr2 record 1");
  }

  @Test
  void whenTheLogIsEmptyAndTheRegisterIsNot_thenThatIsAMismatch() throws Exception {
    assertThat(verify(log(List.of()))).isEqualTo(ExitStatus.NO);
  }

  @Test
  void whenTheLogIsCut_thenItIsUnusable() throws Exception {
    byte[] whole = Files.readAllBytes(log(SampleLogs.events(0, RECORDS)));
    Path cut = Files.write(folder.resolve("cut.cel"), Arrays.copyOf(whole, whole.length - 1));

    assertThat(verify(cut)).isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains("cut.cel: damaged at offset");
  }

  @Test
  void whenTheRegisterIsBehindAndThatIsAllowed_thenItMatches() throws Exception {
    Path longer = log(SampleLogs.events(0, RECORDS + 1));

    assertThat(verify(longer)).isEqualTo(ExitStatus.NO);
    assertThat(verify(longer, "--allow-tail")).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|no register value in it",
        "{\"registers\":\"ccmr\",\"sha384\":{\"3\":\"00\"}}|sha384.3: 2 hexadecimal digits, needs 96",
        "not json|values.json: "
      })
  void whenTheValuesAreUnusable_thenTheErrorSaysWhy(String json, String said) throws Exception {
    Files.write(values, json.getBytes(UTF_8));

    assertThat(verify(log(SampleLogs.events(0, 1)))).isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains("values.json", said);
  }

  @Test
  void whenOnlyNamesARegisterThatIsNotGiven_thenThatIsWrongUsage() throws Exception {
    assertThat(verify(log(List.of()), "--only", "rtmr3")).isEqualTo(ExitStatus.USAGE);
    assertThat(console.err()).contains("'rtmr3'", "[rtmr2]");
  }
}
