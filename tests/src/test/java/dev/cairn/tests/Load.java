package dev.cairn.tests;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Several clients that extend events one after the other, each as fast as it is answered, until
 * they are stopped or their connection breaks.
 */
final class Load {
  private static final int LONGEST_CONTENT = 3000;
  private static final long PAUSE_AFTER_REFUSAL_NANOS = 1_000_000;

  private final int port;
  private final String name;
  private final List<String> registers;
  private final List<Thread> threads = new ArrayList<>();
  private final List<List<Attempt>> attempts = new ArrayList<>();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicReference<Throwable> defect = new AtomicReference<>();
  private volatile boolean stopped;

  private Load(int port, String name, List<String> registers) {
    this.port = port;
    this.name = name;
    this.registers = registers;
  }

  /**
   * Starts {@code clients} on {@code registers}; every third gives its events idempotency keys.
   *
   * @param name makes the events unique
   */
  static Load start(
      Daemon daemon, String name, int clients, List<String> registers, SplittableRandom random) {
    Load load = new Load(daemon.port(), name, registers);
    for (int i = 0; i < clients; i++) {
      int client = i;
      SplittableRandom own = random.split();
      List<Attempt> sent = new ArrayList<>();
      load.attempts.add(sent);
      load.threads.add(new Thread(() -> load.run(client, own, sent), "client-" + i));
    }
    load.threads.forEach(Thread::start);
    return load;
  }

  private void run(int client, SplittableRandom random, List<Attempt> sent) {
    try (Connection connection = new Connection(port)) {
      while (!stopped) {
        Attempt attempt = new Attempt(event(client, sent.size(), random));
        sent.add(attempt);
        if (attempt.send(connection).status() == 201) {
          acknowledged.incrementAndGet();
        } else {
          refused.incrementAndGet();
          LockSupport.parkNanos(PAUSE_AFTER_REFUSAL_NANOS);
        }
      }
    } catch (IOException e) {
      // the daemon is gone: what was sent last has an unknown outcome, as with any client
    } catch (RuntimeException | Error e) {
      defect.compareAndSet(null, e);
    }
  }

  private Event event(int client, int number, SplittableRandom random) {
    String id = name + "-" + client + "-" + number;
    int length = random.nextInt(random.nextInt(1, LONGEST_CONTENT));
    StringBuilder content = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      content.append((char) ('a' + random.nextInt(26)));
    }
    return new Event(
        id,
        registers.get(random.nextInt(registers.size())),
        content.toString(),
        client % 3 == 0 ? Optional.of("key-" + id) : Optional.empty());
  }

  /** Waits until an event was acknowledged, or all clients have ended. */
  void awaitFirst() throws InterruptedException {
    while (acknowledged() == 0 && threads.stream().anyMatch(Thread::isAlive)) {
      threads.get(0).join(1);
    }
  }

  /** Returns how many events were acknowledged so far. */
  int acknowledged() {
    return acknowledged.get();
  }

  /** Returns how many events were refused so far. */
  int refused() {
    return refused.get();
  }

  /** Lets every client finish its request and stop. */
  List<Attempt> stop() throws InterruptedException {
    stopped = true;
    return join();
  }

  /**
   * Waits until all clients have ended; returns what each of them sent, one client after another.
   */
  List<Attempt> join() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
    if (defect.get() != null) {
      throw new AssertionError("a client failed", defect.get());
    }
    return attempts.stream().flatMap(List::stream).toList();
  }
}
