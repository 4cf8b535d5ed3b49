package dev.cairn.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.RegisterId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultScriptTest {
  private static final String DIGEST = "sha384:" + "ab".repeat(48);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "on extend 3: refuse",
        "on extend of rtmr2 1: lose-reply",
        "on extend 2..5: lose-command",
        "on extend 7..: delay 1500us",
        "on extend every 100: foreign-before random 42",
        "on extend of rtmr3 1: foreign-after random -1",
        "on read 1: lose-reply",
        "on read of rtmr2 every 2: reset rtmr2",
        "on read 4: reset all",
        "on quote 2: lose-reply",
        "on quote of rtmr2 1..3: foreign-before random 5",
      })
  void whenALineIsParsed_thenItsTextIsThatLine(String line) {
    assertThat(Fault.parse(line)).hasToString(line);
  }

  @Test
  void whenDigestsAreGiven_thenTheyAreThose() {
    String line = "on extend 1: foreign-before " + DIGEST;

    assertThat(Fault.parse(line)).hasToString(line);
  }

  @ParameterizedTest
  @CsvSource({"20us, 20000", "20ms, 20000000", "2s, 2000000000"})
  void whenADelayIsParsed_thenItIsInThatUnit(String text, long nanos) {
    assertThat(Fault.parse("on extend 1: delay " + text).action())
        .isEqualTo(FaultAction.delay(Duration.ofNanos(nanos)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "extend 1: refuse            | needs 'on OPERATION",
        "on extend: refuse           | needs 'on OPERATION",
        "on extend 1 refuse          | needs 'on OPERATION",
        "on sign 1: refuse           | operation 'sign'",
        "on extend of rtmr9 1: refuse| register 'rtmr9'",
        "on extend first: refuse     | calls 'first'",
        "on extend 0: refuse         | counted from 1",
        "on extend 5..2: refuse      | counted from 1",
        "on extend every 2..3: refuse| calls 'every 2..3'",
        "on extend 1:                | action ''",
        "on extend 1: explode        | action 'explode'",
        "on extend 1: refuse now     | takes no argument",
        "on extend 1: delay          | delay ''",
        "on extend 1: delay 5        | delay '5'",
        "on extend 1: delay -5ms     | delay '-5ms'",
        "on extend 1: reset          | register ''",
        "on extend 1: foreign-before | digest ''",
        "on extend 1: foreign-before sha384:ab | needs 48",
        "on extend 1: foreign-before md5:ab | digest 'md5:ab'",
        "on extend 1: foreign-before sha384:xy |",
        "on extend 1: foreign-after random x | seed 'x'",
      })
  void whenALineIsWrong_thenThePartIsNamed(String line, String named) {
    assertThatThrownBy(() -> Fault.parse(line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named == null ? "" : named);
  }

  @Test
  void whenAScriptIsRead_thenEmptyLinesAndCommentsAreSkipped() throws Exception {
    Path script =
        Files.writeString(
            directory.resolve("faults"),
            "# slow\n\n  on extend 1..: delay 2ms\non read 3: refuse\n");

    assertThat(FaultScript.read(script, EmulatorProfile.TDX))
        .containsExactly(
            FaultTrigger.onExtends(1, Long.MAX_VALUE).then(FaultAction.delay(Duration.ofMillis(2))),
            FaultTrigger.onRead(3).then(FaultAction.refuse()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "on extend 1: explode                      | action 'explode'",
        "on extend of pcr1 1: refuse               | profile tdx has no pcr1",
        "on extend of mrtd 1: refuse               | mrtd cannot be extended",
        "on read of mrtd 1: foreign-before random 1| mrtd cannot be extended",
        "on read 1: foreign-before random 1        | needs 'of REGISTER'",
        "on quote 1: foreign-after random 1        | needs 'of REGISTER'",
        "on extend 1: reset pcr1                   | there is no pcr1",
        "on extend 1: foreign-before sha1:0000000000000000000000000000000000000000 | needs exactly",
      })
  void whenALineOfAScriptIsWrong_thenItsNumberIsNamed(String line, String named) throws Exception {
    Path script = Files.writeString(directory.resolve("faults"), "# one\n" + line + "\n");

    assertThatThrownBy(() -> FaultScript.read(script, EmulatorProfile.TDX))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining(script + ":2: ")
        .hasMessageContaining(named);
  }

  @Test
  void whenTheScriptIsMissing_thenThatIsSaid() {
    assertThatThrownBy(() -> FaultScript.read(directory.resolve("none"), EmulatorProfile.TDX))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("NoSuchFileException");
  }

  @Test
  void whenTheSameIsBuiltInCode_thenItIsEqual() {
    assertThat(Fault.parse("on extend of rtmr2 3: lose-reply"))
        .isEqualTo(FaultTrigger.onExtend(3).of(RegisterId.rtmr(2)).then(FaultAction.loseReply()));
    assertThat(List.of(FaultTrigger.onEveryRead(2).then(FaultAction.refuse())))
        .containsExactly(Fault.parse("on read every 2: refuse"));
  }
}
