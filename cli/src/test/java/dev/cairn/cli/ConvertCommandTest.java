package dev.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertCommandTest {
  @TempDir Path folder;
  private final TestConsole console = new TestConsole();

  private Path cel(List<EventRecord> records) throws IOException {
    return SampleLogs.write(folder.resolve("log.cel"), LogFormat.CEL_TLV, records);
  }

  private static List<EventRecord> withSystemdInTheMiddle() {
    List<EventRecord> records = new ArrayList<>(SampleLogs.events(0, 2));
    records.add(SampleLogs.systemd(2));
    records.addAll(SampleLogs.events(3, 1));
    return records;
  }

  private List<String> filesInFolder() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void whenTheSameFormatIsAsked_thenTheBytesAreTheSame() throws Exception {
    Path log = cel(SampleLogs.events(0, 3));

    assertThat(console.run("convert", log.toString(), "--to", "cel-tlv")).isZero();
    assertThat(console.outBytes()).isEqualTo(Files.readAllBytes(log));
  }

  @Test
  void whenSomethingWouldBeLost_thenTheFirstRecordIsNamedAndNothingIsLeft() throws Exception {
    Path log = cel(withSystemdInTheMiddle());
    Path out = folder.resolve("out.tcg2");

    int status = console.run("convert", log.toString(), "--to", "tcg2", "-o", out.toString());

    assertThat(status).isEqualTo(ExitStatus.NO);
    assertThat(console.err()).contains("rtmr2 record 2", "--lossy");
    assertThat(filesInFolder()).containsExactly("log.cel");
  }

  @Test
  void whenTheLossIsAccepted_thenItIsCounted() throws Exception {
    Path log = cel(withSystemdInTheMiddle());
    Path out = folder.resolve("out.tcg2");

    int status =
        console.run(
            "convert", log.toString(), "--to", "tcg2", "--lossy", "-o", out.toString(), "--json");

    assertThat(status).isZero();
    assertThat(console.err()).contains("lost: 1 × record left out: content SystemdEvent");
    assertThat(console.json())
        .containsEntry("records_read", 4L)
        .containsEntry("records_written", 3L);
    assertThat(filesInFolder()).containsExactly("log.cel", "out.tcg2");
  }

  @Test
  void whenRecordNumbersWouldBeLost_thenThatIsALossToo() throws Exception {
    Path log = cel(SampleLogs.events(7, 1));

    assertThat(console.run("convert", log.toString(), "--to", "tcg2")).isEqualTo(ExitStatus.NO);
    assertThat(console.err()).contains("rtmr2 record 7", "number would be lost");
  }

  @Test
  void whenTheLogIsDamaged_thenNoOutputIsLeftAndTheStatusIsTwo() throws Exception {
    byte[] whole = Files.readAllBytes(cel(SampleLogs.events(0, 2)));
    Path cut = Files.write(folder.resolve("log.cel"), Arrays.copyOf(whole, whole.length - 1));
    Path out = Files.writeString(folder.resolve("out.cel"), "what was there before");

    int status = console.run("convert", cut.toString(), "--to", "cel-tlv", "-o", out.toString());

    assertThat(status).isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(out).hasContent("what was there before");
    assertThat(filesInFolder()).containsExactly("log.cel", "out.cel");
  }

  @Test
  void whenTheOutputIsADevice_thenItIsNotReplaced() throws Exception {
    Path log = cel(SampleLogs.events(0, 1));

    assertThat(console.run("convert", log.toString(), "--to", "tcg2", "-o", "/dev/null")).isZero();
    assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
  }

  @Test
  void whenTheFormatIsNotWritten_thenTheErrorListsThoseThatAre() throws Exception {
    Path log = cel(SampleLogs.events(0, 1));

    assertThat(console.run("convert", log.toString(), "--to", "ima"))
        .isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains("ima is not written; choose one of cel-tlv");
  }
}
