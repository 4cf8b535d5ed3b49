package dev.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayCommandTest {
  @TempDir Path folder;
  private final TestConsole console = new TestConsole();

  private Path log(int records) throws IOException {
    return SampleLogs.write(
        folder.resolve("log.cel"), LogFormat.CEL_TLV, SampleLogs.events(0, records));
  }

  private static String valueAfter(int records) {
    Hasher hasher = new Hasher();
    DigestSet value = DigestSet.filled(List.of(HashAlgorithm.SHA384), 0);
    for (var record : SampleLogs.events(0, records)) {
      value = hasher.extend(value, record.digests());
    }
    return value.at(0).value().toHex();
  }

  @Test
  void whenALogIsWhole_thenTheJsonHasExactlyTheMembersOfTheContract() throws Exception {
    int status = console.run("replay", log(3).toString(), "--json");

    assertThat(status).isZero();
    assertThat(console.json())
        .containsOnlyKeys(
            "format", "registers", "records", "not_extended", "complete", "error", "sha384")
        .containsEntry("format", "cel-tlv")
        .containsEntry("registers", "ccmr")
        .containsEntry("records", 3L)
        .containsEntry("not_extended", 0L)
        .containsEntry("complete", true)
        .containsEntry("error", null)
        .containsEntry("sha384", Map.of("3", valueAfter(3)));
  }

  @Test
  void whenALogIsCut_thenTheGoodRecordsAreReplayedAndTheStatusIsTwo() throws Exception {
    byte[] whole = Files.readAllBytes(log(3));
    Path cut = Files.write(folder.resolve("cut.cel"), Arrays.copyOf(whole, whole.length - 1));

    int status = console.run("replay", cut.toString(), "--json");

    assertThat(status).isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.json())
        .containsEntry("records", 2L)
        .containsEntry("complete", false)
        .containsEntry("sha384", Map.of("3", valueAfter(2)));
    assertThat(console.json().get("error"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsOnlyKeys("offset", "reason");
  }

  @Test
  void whenTheLogComesFromStandardInput_thenItIsTheSame() throws Exception {
    console.withInput(Files.readAllBytes(log(2)));

    assertThat(console.run("replay", "-")).isZero();
    assertThat(console.out()).contains("rtmr2", valueAfter(2), "cel-tlv: 2 records");
  }

  @Test
  void whenSeveralLogsAreGiven_thenTheyAreOneHistory() throws Exception {
    Path first = log(2);
    Path second =
        SampleLogs.write(folder.resolve("second.json"), LogFormat.CEL_TLV, SampleLogs.events(2, 1));

    assertThat(console.run("replay", first.toString(), second.toString(), "--json")).isZero();
    assertThat(console.json()).containsEntry("sha384", Map.of("3", valueAfter(3)));
  }

  @Test
  void whenTheLogIsEmpty_thenNoRegisterIsListed() throws Exception {
    assertThat(console.run("replay", log(0).toString(), "--json")).isZero();
    assertThat(console.json()).containsEntry("records", 0L).doesNotContainKey("sha384");
  }

  @ParameterizedTest
  @CsvSource({
    "missing.log, missing.log: no such file",
    "garbage.log, garbage.log: no known log begins with",
    "tcg12.log, tcg1.2"
  })
  void whenTheInputIsNoLog_thenTheErrorNamesItAndTheStatusIsTwo(String name, String said)
      throws Exception {
    Files.write(folder.resolve("garbage.log"), new byte[] {1, 2, 3, 4, 5});
    byte[] tcg12 = new byte[32];
    tcg12[4] = 8; // EV_S_CRTM_VERSION
    tcg12[20] = 1;
    Files.write(folder.resolve("tcg12.log"), tcg12);

    int status = console.run("replay", folder.resolve(name).toString());

    assertThat(status).isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains(said).doesNotContain("Exception", "\tat ");
  }

  @ParameterizedTest
  @CsvSource({
    "--format=nonsense, --format: 'nonsense': needs one of cel-tlv",
    "--bank=md5, --bank: 'md5'",
    "--numbering=nv, --numbering: 'nv': needs pcr or ccmr"
  })
  void whenAnOptionIsWrong_thenItIsNamed(String option, String said) throws Exception {
    assertThat(console.run("replay", log(1).toString(), option)).isEqualTo(ExitStatus.USAGE);
    assertThat(console.err()).contains(said);
  }
}
