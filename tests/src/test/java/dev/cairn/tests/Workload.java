package dev.cairn.tests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Clients that extend, the audit of what they were told, and what they see of the registers. */
final class Workload {
  private static final int CLIENTS = 6;
  private static final int PATIENCE_SECONDS = 60;
  private static final long SEED = Long.getLong("cairn.seed", System.nanoTime());

  private final Audit audit;
  private final List<String> registers;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private int calls;

  /** Clients that extend {@code registers} and report to {@code audit}. */
  Workload(Audit audit, List<String> registers) {
    this.audit = audit;
    this.registers = registers;
  }

  /** Lets clients extend until {@code count} events were acknowledged. */
  List<Attempt> extend(Daemon daemon, int count) throws InterruptedException {
    Load load = start(daemon);
    await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> load.acknowledged() >= count);
    return stop(load);
  }

  /** Starts clients; {@link #stop} ends them. */
  Load start(Daemon daemon) {
    return Load.start(daemon, "load" + calls++, CLIENTS, registers, random);
  }

  /** Ends clients; returns what they sent. */
  List<Attempt> stop(Load load) throws InterruptedException {
    List<Attempt> attempts = load.stop();
    audit.add(attempts);
    return attempts;
  }

  /** Sends one event. */
  Response extend(Daemon daemon, String register) throws IOException {
    Attempt attempt = new Attempt(new Event("one" + calls++, register, "x", Optional.empty()));
    audit.add(List.of(attempt));
    try (Connection connection = daemon.connect()) {
      return attempt.send(connection);
    }
  }

  /** Starts a daemon, extends some events, ends it in order, and returns the log. */
  byte[] runAndStop(Daemon.Setup setup) throws Exception {
    try (Daemon daemon = setup.start()) {
      extend(daemon, 30);
      audit.checkWhole(daemon);
      byte[] log = audit.wholeLog(daemon);
      daemon.terminate();
      assertThat(daemon.awaitEnd()).as(daemon.errors()).isZero();
      return log;
    }
  }

  /** Sends one event, which has to be refused because of what the register holds. */
  void assertRefusedAsDiverged(Daemon daemon, String register) throws IOException {
    Response refusal = extend(daemon, register);
    assertThat(refusal.status()).as(refusal.toString()).isEqualTo(409);
    assertThat(refusal.problem()).isEqualTo("register-diverged");
  }

  static Map<String, Object> register(Daemon daemon, String register) throws IOException {
    return daemon.get("/v1/registers/" + register).json();
  }

  static void assertDiverged(Daemon daemon, String register, String cause) throws IOException {
    Map<String, Object> status = register(daemon, register);
    assertThat(status.get("state")).as(status.toString()).isEqualTo("DIVERGED");
    assertThat(String.valueOf(status.get("reason"))).contains(cause);
  }
}
