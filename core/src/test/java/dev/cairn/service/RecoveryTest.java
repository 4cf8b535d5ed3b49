package dev.cairn.service;

import static dev.cairn.service.MeasuredLogFixture.RTMR2;
import static dev.cairn.service.MeasuredLogFixture.RTMR3;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.emulator.RebootKind;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.StartValueEvent;
import dev.cairn.measure.DigestSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each row of the recovery table is one nested class. */
class RecoveryTest {
  @TempDir Path directory;
  private MeasuredLogFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = MeasuredLogFixture.in(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private String epoch() {
    return fixture.log.status().epoch();
  }

  @Nested
  class GivenNoEpoch {
    @Test
    void whenARegisterWasExtendedBefore_thenItsStartValueIsRecorded() throws Exception {
      fixture.stop();
      deleteState();
      fixture.extendBehindItsBack(RTMR3); // starts again

      EventRecord first = fixture.records().get(0);
      DigestSet start =
          StartValueEvent.parse((PcClientEvent) first.content()).orElseThrow().value();

      assertThat(first.register()).isEqualTo(RTMR3);
      assertThat(start).isEqualTo(fixture.emulator.read(RTMR3));
      assertThat(fixture.extend(RTMR3, "x").recnum()).isEqualTo(1);
      assertThat(fixture.status(RTMR3).state()).isEqualTo(RegisterState.OK);
    }

    private void deleteState() throws Exception {
      try (Stream<Path> files = Files.walk(fixture.state())) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Nested
  class GivenAReboot {
    @ParameterizedTest
    @EnumSource(names = {"COLD", "HIBERNATION"})
    void whenTheRegistersAreReset_thenANewEpochBeginsAndTheOldOneStays(RebootKind kind)
        throws Exception {
      fixture.extend(RTMR2, "old life");
      String before = epoch();

      fixture.reboot(kind);

      assertThat(epoch()).isNotEqualTo(before);
      assertThat(fixture.state().resolve("epochs").resolve(before)).isDirectory();
      assertThat(fixture.records()).isEmpty();
      assertThat(fixture.extend(RTMR2, "new life").recnum()).isZero();
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }

    @Test
    void whenTheRegistersAreKept_thenTheEpochGoesOn() throws Exception {
      fixture.extend(RTMR2, "first kernel");
      String before = epoch();

      fixture.reboot(RebootKind.KEXEC);

      assertThat(epoch()).isEqualTo(before);
      assertThat(fixture.extend(RTMR2, "second kernel").recnum()).isEqualTo(1);
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }

    @Test
    void whenTheRegistersAreKeptAndThenReset_thenTheSecondRebootIsNoticedToo() throws Exception {
      fixture.extend(RTMR2, "x");
      fixture.reboot(RebootKind.KEXEC);
      String before = epoch();

      fixture.reboot(RebootKind.HIBERNATION);

      assertThat(epoch()).isNotEqualTo(before);
    }
  }

  @Nested
  class GivenRecordsThatWereNeverExtended {
    @Test
    void whenStarting_thenTheyAreCutAndTheirNumbersUsedAgain() throws Exception {
      fixture.extend(RTMR2, "real");
      fixture.stop();
      Map<Path, byte[]> before = everythingButSegments();
      fixture.start();
      fixture.extend(RTMR2, "intent");
      fixture.extend(RTMR3, "intent");
      fixture.stop();
      for (Map.Entry<Path, byte[]> file : before.entrySet()) {
        Files.write(file.getKey(), file.getValue()); // as if killed right after the append
      }

      fixture.start();

      assertThat(fixture.contents(RTMR2)).containsExactly("real");
      assertThat(fixture.contents(RTMR3)).isEmpty();
      assertThat(fixture.extend(RTMR2, "next").recnum()).isEqualTo(1);
      fixture.assertLogReplaysToTheRegister(RTMR2);
    }

    private Map<Path, byte[]> everythingButSegments() throws Exception {
      Map<Path, byte[]> contents = new HashMap<>();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          if (!file.toString().endsWith(".cel")) {
            contents.put(file, Files.readAllBytes(file));
          }
        }
      }
      return contents;
    }
  }

  @Nested
  class GivenARegisterThatSomebodyElseChanged {
    @Test
    void whenItWasExtended_thenItDivergesAndTheOthersGoOn() throws Exception {
      fixture.extend(RTMR2, "ours");
      fixture.extendBehindItsBack(RTMR2);

      RegisterStatus status = fixture.status(RTMR2);

      assertThat(status.state()).isEqualTo(RegisterState.DIVERGED);
      assertThat(status.reason().orElseThrow()).contains("somebody else");
      assertThat(fixture.extend(RTMR3, "fine").recnum()).isZero();
      assertThat(lastEventType()).isEqualTo(EventTypes.EV_NO_ACTION);
    }

    @Test
    void whenTheDaemonIsRestarted_thenItStaysDiverged() throws Exception {
      fixture.extend(RTMR2, "ours");
      fixture.extendBehindItsBack(RTMR2);
      int records = fixture.records().size();

      fixture.restart();

      assertThat(fixture.status(RTMR2).state()).isEqualTo(RegisterState.DIVERGED);
      assertThat(fixture.records()).hasSize(records);
    }

    private long lastEventType() throws Exception {
      List<EventRecord> records = fixture.records();
      for (int i = records.size() - 1; ; i--) {
        if (records.get(i).register().equals(RTMR2)) {
          return ((PcClientEvent) records.get(i).content()).claimedEventType();
        }
      }
    }
  }

  @Nested
  class GivenARegisterThatWasReset {
    @Test
    void whenNothingElseChanged_thenItDivergesAndTheReasonNamesTheReset() throws Exception {
      fixture.extend(RTMR2, "a");
      fixture.extend(RTMR3, "b");
      fixture.stop();
      byte[] life = Files.readAllBytes(fixture.registers());
      fixture.start();
      fixture.extend(RTMR2, "c");
      fixture.stop();
      Files.write(fixture.registers(), life); // back to before c

      fixture.start();

      assertThat(fixture.status(RTMR2).state()).isEqualTo(RegisterState.DIVERGED);
      assertThat(fixture.status(RTMR2).reason().orElseThrow())
          .contains("rolled back")
          .contains("record 0");
      assertThat(fixture.status(RTMR3).state()).isEqualTo(RegisterState.OK);
    }
  }
}
