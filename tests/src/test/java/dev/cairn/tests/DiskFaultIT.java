package dev.cairn.tests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cairn.emulator.EmulatorProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The disk is full, or says that it failed; the promise holds. */
class DiskFaultIT {
  private static final int CLIENTS = 6;
  private static final List<String> REGISTERS = List.of("rtmr1", "rtmr2", "rtmr3");
  private static final long SEED = Long.getLong("cairn.seed", System.nanoTime());

  private final SplittableRandom random = new SplittableRandom(SEED);
  private Audit audit = new Audit(EmulatorProfile.TDX);
  private int loads;

  @TempDir Path folder;

  /** Small files of the log, so that new ones are begun all the time. */
  private Daemon.Setup setup(Path state) {
    return Daemon.Setup.emulator(state, "tdx")
        .with("--emulator-registers", registersOf(state).toString())
        .with("--log-segment-size", "24KiB", "--checkpoint-interval", "16");
  }

  /** Beside the disk that fails: they stand for hardware. */
  private Path registersOf(Path state) {
    return folder.resolve("registers-" + folder.relativize(state).toString().replace('/', '-'));
  }

  private Load load(Daemon daemon) {
    return Load.start(daemon, "load" + loads++, CLIENTS, REGISTERS, random);
  }

  /** Extends until {@code count} more events were acknowledged. */
  private void extend(Daemon daemon, int count) throws InterruptedException {
    Load load = load(daemon);
    await().atMost(60, SECONDS).until(() -> load.acknowledged() >= count);
    audit.add(load.stop());
  }

  @Nested
  class GivenADiskThatIsFilledByTheLog {
    private static final int DISK_KIB = 3072;
    private static final int BALLAST_KIB = 1024;

    private SmallDisk disk;
    private Daemon.Setup setup;

    @BeforeEach
    void mount() throws IOException {
      Path mountPoint = Files.createDirectory(folder.resolve("disk"));
      disk = SmallDisk.mount(mountPoint, DISK_KIB);
      disk.occupy(BALLAST_KIB);
      setup = setup(mountPoint.resolve("state")).wrappedBy(disk.wrapper());
    }

    @AfterEach
    void unmount() throws IOException {
      disk.close();
    }

    /** Extends until nothing fits any more; every refusal says so. */
    private void fill(Daemon daemon) throws InterruptedException {
      Load load = load(daemon);
      await().atMost(60, SECONDS).until(() -> load.refused() >= 100);
      List<Attempt> attempts = load.stop();
      audit.add(attempts);
      for (Attempt attempt : attempts) {
        if (attempt.refusal != null) {
          assertThat(attempt.refusal.status()).as(attempt.toString()).isEqualTo(507);
          assertThat(attempt.refusal.problem()).isEqualTo("storage-full");
        }
      }
    }

    @Test
    void whenItIsFull_thenEventsAreRefusedWith507AndNothingElseIsTouched() throws Exception {
      try (Daemon daemon = setup.start()) {
        fill(daemon);

        audit.checkWhole(daemon);
        assertThat(daemon.isAlive()).isTrue();
      }
    }

    @Test
    void whenThereIsSpaceAgain_thenItGoesOnByItself() throws Exception {
      try (Daemon daemon = setup.start()) {
        fill(daemon);
        audit.check(daemon);
        disk.release();
        extend(daemon, 100);

        audit.checkWhole(daemon);
      }
      try (Daemon daemon = setup.start()) {
        audit.checkWhole(daemon);
      }
    }

    @Test
    void whenKilledAndStartedWithoutSpace_thenItServesAndLaterGoesOn() throws Exception {
      try (Daemon daemon = setup.start()) {
        fill(daemon);
      }
      try (Daemon daemon = setup.start()) {
        audit.checkWhole(daemon);
        fill(daemon);
        disk.release();
        extend(daemon, 100);
        audit.checkWhole(daemon);
      }
    }
  }

  @Nested
  class GivenASystemCallThatFailsUnderLoad {
    /** The first ones hit different files: keys, segment, index, in the order of a batch. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
      "pwrite64, ENOSPC, 5",
      "pwrite64, EIO, 5",
      "fdatasync, EIO, 4",
      "fdatasync, ENOSPC, 4",
      "fsync, EIO, 2"
    })
    void whenItFails_thenThePromiseHoldsNowAndAfterAKill(String call, String error, int instances)
        throws Exception {
      failEach(setup(folder.resolve("state")), call, error, instances);
    }

    @Test
    void whenARefusedEventCannotBeCut_thenItIsGoneAfterARestart() throws Exception {
      Path faults = folder.resolve("faults");
      Files.writeString(faults, "on extend of rtmr2 every 5: refuse\n");
      Daemon.Setup setup = setup(folder.resolve("state"));

      failEach(setup.with("--emulator-faults", faults.toString()), "ftruncate", "EIO", 2);
    }

    private void failEach(Daemon.Setup setup, String call, String error, int instances)
        throws Exception {
      for (int when = 1; when <= instances; when++) {
        Injection injection = new Injection(call, error, when);
        Path trace = folder.resolve("trace" + when);
        try (Daemon daemon = setup.start()) {
          audit.check(daemon);
          Optional<Path> hit = loadUntilHit(daemon, injection, trace);
          judge(daemon, injection, hit);
        } catch (AssertionError e) {
          throw new AssertionError("seed %d, %s: %s".formatted(SEED, injection, e.getMessage()), e);
        }
      }
      try (Daemon daemon = setup.start()) {
        extend(daemon, 50);
        audit.checkWhole(daemon);
      }
    }

    private Optional<Path> loadUntilHit(Daemon daemon, Injection injection, Path trace)
        throws Exception {
      try (Injection.Attached strace = injection.attach(daemon, trace)) {
        Load load = load(daemon);
        await().atMost(60, SECONDS).until(() -> strace.hit().isPresent());
        audit.add(load.stop());
        return strace.hit();
      }
    }

    private void judge(Daemon daemon, Injection injection, Optional<Path> hit) throws Exception {
      Response ready = daemon.get("/readyz");
      if (ready.status() == 200) {
        extend(daemon, 20);
      } else {
        Event event = new Event("after-" + loads++, "rtmr2", "x", Optional.empty());
        Attempt attempt = new Attempt(event);
        try (Connection connection = daemon.connect()) {
          attempt.send(connection);
        }
        audit.add(List.of(attempt));
        assertThat(attempt.refusal).isNotNull();
        assertThat(attempt.refusal.status()).isEqualTo(503);
        assertThat(attempt.refusal.problem()).isEqualTo("log-failed");
      }
      audit.check(daemon);
      if (injection.call().equals("fdatasync") && hit.orElseThrow().toString().endsWith(".cel")) {
        assertThat(ready.status()).as("ready after a failed fdatasync of the log").isEqualTo(503);
      }
    }
  }

  @Nested
  class GivenASystemCallThatFailsAtTheStart {
    private static final int MORE_THAN_THERE_ARE = 20;

    /** State folder, lock, epoch, header, keys: whatever is made, in its order. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"pwrite64, ENOSPC", "fdatasync, EIO", "fsync, EIO"})
    void whenTheStateIsNew_thenItIsReadyOrSaysWhyNot(String call, String error) throws Exception {
      for (int when = 1; when < MORE_THAN_THERE_ARE; when++) {
        audit = new Audit(EmulatorProfile.TDX);
        Daemon.Setup setup =
            setup(Files.createDirectory(folder.resolve("new" + when)).resolve("state"));
        if (!failsAtStart(setup, new Injection(call, error, when))) {
          assertThat(when).as("calls at the start").isGreaterThan(1);
          return;
        }
      }
      throw new AssertionError("no end of calls at the start");
    }

    /** Torn bytes lie behind the last record, as after a power loss: they have to be cut. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"pwrite64, ENOSPC", "fdatasync, EIO", "fsync, EIO", "ftruncate, EIO"})
    void whenTheTailIsTorn_thenItIsReadyOrSaysWhyNot(String call, String error) throws Exception {
      Daemon.Setup setup = setup(folder.resolve("state"));
      try (Daemon daemon = setup.start()) {
        extend(daemon, 20);
      }
      for (int when = 1; when < MORE_THAN_THERE_ARE; when++) {
        tear(setup.state());
        if (!failsAtStart(setup, new Injection(call, error, when))) {
          assertThat(when).as("calls at the start").isGreaterThan(1);
          return;
        }
      }
      throw new AssertionError("no end of calls at the start");
    }

    private void tear(Path state) throws IOException {
      try (Stream<Path> files = Files.walk(state)) {
        Path last =
            files
                .filter(file -> file.toString().endsWith(".cel"))
                .max(Comparator.naturalOrder())
                .orElseThrow();
        Files.write(last, new byte[] {0, 0, 0, 0, 8, 0, 0}, StandardOpenOption.APPEND);
      }
    }

    /** Returns whether there was such a call; if so the daemon has ended with its reason. */
    private boolean failsAtStart(Daemon.Setup setup, Injection injection) throws Exception {
      Path trace = folder.resolve("trace-" + injection.call() + injection.when());
      try {
        Daemon daemon = setup.wrappedBy(injection.wrapper(trace)).launch();
        try {
          if (daemon.becomesReady()) {
            audit.check(daemon);
          } else {
            assertThat(daemon.awaitEnd()).as("exit status").isNotZero();
            assertThat(daemon.errors()).as("what it says").contains(message(injection));
          }
        } finally {
          daemon.kill();
        }
        try (Daemon next = setup.start()) {
          audit.check(next);
          extend(next, 10);
          audit.check(next);
        }
      } catch (AssertionError e) {
        throw new AssertionError("seed %d, %s: %s".formatted(SEED, injection, e.getMessage()), e);
      }
      return Injection.hit(trace).isPresent();
    }

    private static String message(Injection injection) {
      return injection.error().equals("EIO") ? "Input/output error" : "No space left on device";
    }
  }
}
