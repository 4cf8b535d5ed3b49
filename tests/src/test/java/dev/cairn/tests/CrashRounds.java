package dev.cairn.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Start, load, kill, start, check; always with the same state. {@code -Dcairn.seed=S} repeats the
 * choices of a run that failed, though not the scheduling.
 */
final class CrashRounds {
  private static final long SEED = Long.getLong("cairn.seed", System.nanoTime());
  private static final int CLIENTS = 8;
  private static final int ROUNDS_TO_WHOLE_CHECK = 25;
  private static final int ONE_IN_KILLED_WHILE_STARTING = 10;
  private static final int LONGEST_START_MILLIS = 500;
  private static final int LONGEST_LOAD_MILLIS = 150;
  private static final long NANOS_OF_A_MILLI = 1_000_000;

  private final Path folder;
  private final Daemon.Setup setup;
  private final List<String> registers;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Audit audit;
  private final List<Attempt> retries = new ArrayList<>();
  private int killedWhileStarting;
  private int retriesAnswered;

  /**
   * Rounds of one daemon.
   *
   * @param folder for files of the rounds' own
   * @param audit of the registers of {@code setup}
   * @param registers that clients extend
   */
  CrashRounds(Path folder, Daemon.Setup setup, Audit audit, List<String> registers) {
    this.folder = folder;
    this.registers = registers;
    this.audit = audit;
    this.setup = setup.with("--log-segment-size", "16KiB", "--checkpoint-interval", "64");
  }

  /** Kills it {@code kills} times; fails at the first promise that is broken. */
  void run(int kills) throws Exception {
    long began = System.nanoTime();
    for (int round = 0; round < kills; round++) {
      try {
        killOnce(round);
      } catch (AssertionError | IOException e) {
        throw new AssertionError(
            "-Dcairn.seed=%d, round %d: %s".formatted(SEED, round, e.getMessage()), e);
      }
    }
    try (Daemon daemon = setup.start()) {
      audit.checkWhole(daemon);
      checkWithTheCommand(daemon);
    }
    report(kills, System.nanoTime() - began);
    assertThat(audit.unansweredFound() + audit.unansweredAbsent())
        .as("events in flight when the daemon was killed")
        .isGreaterThanOrEqualTo(kills);
  }

  private void killOnce(int round) throws Exception {
    if (random.nextInt(ONE_IN_KILLED_WHILE_STARTING) == 0) {
      killWhileStarting();
    }
    try (Daemon daemon = setup.start()) {
      if (round % ROUNDS_TO_WHOLE_CHECK == 0) {
        audit.checkWhole(daemon);
      } else {
        audit.check(daemon);
      }
      sendAgain(daemon);
      Load load = Load.start(daemon, "r" + round, CLIENTS, registers, random);
      load.awaitFirst();
      pause(random.nextLong(LONGEST_LOAD_MILLIS * NANOS_OF_A_MILLI));
      daemon.kill();
      List<Attempt> attempts = load.join();
      audit.add(attempts);
      attempts.stream().filter(each -> each.event.key().isPresent()).forEach(retries::add);
    }
  }

  private void killWhileStarting() throws Exception {
    Daemon daemon = setup.launch();
    pause(random.nextLong(LONGEST_START_MILLIS * NANOS_OF_A_MILLI));
    daemon.kill();
    killedWhileStarting++;
  }

  /** A client that was not answered, or forgot the answer, asks again with the same key. */
  private void sendAgain(Daemon daemon) throws IOException {
    try (Connection connection = daemon.connect()) {
      for (Attempt attempt : retries) {
        boolean wasThere = attempt.found();
        Response answer = attempt.send(connection);
        assertThat(answer.status()).as("%s, again: %s", attempt, answer).isEqualTo(201);
        assertThat(answer.json().get("repeated")).as(attempt.toString()).isEqualTo(wasThere);
        if (wasThere) {
          assertThat(attempt.number("position")).isEqualTo(attempt.position);
          retriesAnswered++;
        } else {
          audit.addAgain(attempt);
        }
      }
    }
    retries.clear();
  }

  private static void pause(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** The files on disk, as they lie there, against the registers. */
  private void checkWithTheCommand(Daemon daemon) throws Exception {
    List<Path> segments = segments();
    assertThat(segments).as("segments").hasSizeGreaterThan(3);
    Path log = folder.resolve("log.cel");
    Path values = folder.resolve("values.json");
    for (Path segment : segments) {
      Files.write(
          log, Files.readAllBytes(segment), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    assertThat(log).hasBinaryContent(audit.wholeLog(daemon));
    Files.writeString(values, audit.expectedValues());
    Cairn.Ended verify =
        Cairn.run("verify", log.toString(), "--values", values.toString(), "--json");
    assertThat(verify.status()).as("%s", verify).isZero();
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.walk(setup.state())) {
      return files.filter(file -> file.toString().endsWith(".cel")).sorted().toList();
    }
  }

  private void report(int kills, long nanos) {
    System.out.printf(
        "%s: %d kills in %d s, %d more while starting; %d records, %d acknowledged;"
            + " not answered: %d there, %d absent; %d retries answered by their key%n",
        setup.flags(),
        kills,
        nanos / 1_000_000_000,
        killedWhileStarting,
        audit.endPosition(),
        audit.acknowledged(),
        audit.unansweredFound(),
        audit.unansweredAbsent(),
        retriesAnswered);
  }
}
