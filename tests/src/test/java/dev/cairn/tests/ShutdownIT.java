package dev.cairn.tests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cairn.emulator.EmulatorProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the daemon begins and ends. */
class ShutdownIT {
  private static final List<String> REGISTERS = List.of("rtmr1", "rtmr2", "rtmr3");
  private static final int TIMES = 5;
  private static final int CLIENTS = 8;
  private static final long SEED = Long.getLong("cairn.seed", System.nanoTime());

  @TempDir Path folder;

  private Daemon.Setup setup() {
    return Daemon.Setup.emulator(folder.resolve("state"), "tdx");
  }

  @Nested
  class GivenClientsThatExtend {
    @Test
    void whenTerminated_thenAcceptedEventsFinishAndItEndsWithStatus0() throws Exception {
      SplittableRandom random = new SplittableRandom(SEED);
      Audit audit = new Audit(EmulatorProfile.TDX);
      for (int time = 0; time < TIMES; time++) {
        try (Daemon daemon = setup().start()) {
          audit.check(daemon);
          Load load = Load.start(daemon, "t" + time, CLIENTS, REGISTERS, random);
          int enough = random.nextInt(1, 200);
          await().atMost(60, SECONDS).until(() -> load.acknowledged() >= enough);
          daemon.terminate();

          assertThat(daemon.awaitEnd()).as(daemon.errors()).isZero();
          audit.add(load.join());
        }
      }
      try (Daemon daemon = setup().start()) {
        audit.checkWhole(daemon);
      }
      assertThat(audit.unansweredFound())
          .as("events in the log whose clients got no answer")
          .isZero();
    }
  }

  @Nested
  class GivenADaemonThatRuns {
    @Test
    void whenAnotherIsStartedOnTheSameState_thenItIsRefusedAndTheFirstGoesOn() throws Exception {
      try (Daemon first = setup().start()) {
        Path otherRegisters = folder.resolve("other.registers");
        Daemon second = setup().with("--emulator-registers", otherRegisters.toString()).launch();

        assertThat(second.becomesReady()).isFalse();
        assertThat(second.awaitEnd()).isNotZero();
        assertThat(second.errors())
            .contains(setup().state().toString())
            .containsPattern("(?i)another")
            .doesNotContain("\tat ");
        assertThat(first.get("/readyz").status()).isEqualTo(200);
      }
    }
  }

  @Nested
  class GivenALogOfLoadedClasses {
    @Test
    void whenItBecomesReady_thenNothingExpensiveWasLoaded() throws Exception {
      Path classes = folder.resolve("classes");
      try (Daemon daemon =
          setup().withJvmFlags("-Xlog:class+load:file=" + classes + ":none").start()) {
        assertThat(daemon.isAlive()).isTrue();
        assertThat(loaded(classes, "dev.cairn.")).as("classes of Cairn").isNotEmpty();
        assertThat(loaded(classes, "jnr.")).isEmpty();
        assertThat(loaded(classes, "com.fasterxml.jackson.databind.")).isEmpty();
      }
    }

    private List<String> loaded(Path classes, String prefix) throws IOException {
      try (Stream<String> lines = Files.lines(classes)) {
        return lines.filter(line -> line.startsWith(prefix)).toList();
      }
    }
  }
}
