package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.evidence.Evidence;
import dev.cairn.evidence.EvidenceLimits;
import dev.cairn.evidence.EvidenceOptions;
import dev.cairn.evidence.EvidenceReport;
import dev.cairn.evidence.EvidenceVerifier;
import dev.cairn.evidence.Trust;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.LogSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Clients that ask for evidence, each with a nonce of its own, and verify all that they get. Every
 * second one fetches the log by itself, after the registers have gone on.
 */
final class EvidenceReaders {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int NONCE_BYTES = 32;

  private final String base;
  private final Path folder;
  private final Set<RegisterId> registers;
  private final boolean allowUnsigned;
  private final Trust trust;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger verified = new AtomicInteger();
  private final AtomicInteger retried = new AtomicInteger();
  private final AtomicLong longest = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean stopped;

  private EvidenceReaders(
      Daemon daemon, Path folder, Set<RegisterId> registers, boolean allowUnsigned, Trust trust) {
    this.trust = trust;
    this.base = "http://127.0.0.1:" + daemon.port();
    this.folder = folder;
    this.registers = Set.copyOf(registers);
    this.allowUnsigned = allowUnsigned;
  }

  /**
   * Starts them.
   *
   * @param registers that every evidence has to explain
   * @param allowUnsigned on the emulator
   * @param trust whose certificates count
   */
  static EvidenceReaders start(
      Daemon daemon,
      Path folder,
      int count,
      Set<RegisterId> registers,
      boolean allowUnsigned,
      Trust trust,
      SplittableRandom random) {
    EvidenceReaders readers = new EvidenceReaders(daemon, folder, registers, allowUnsigned, trust);
    for (int i = 0; i < count; i++) {
      SplittableRandom own = random.split();
      readers.threads.add(new Thread(() -> readers.run(own), "reader-" + i));
    }
    readers.threads.forEach(Thread::start);
    return readers;
  }

  private void run(SplittableRandom random) {
    try {
      for (boolean withLog = true; !stopped && failure.get() == null; withLog = !withLog) {
        verifyOne(random, withLog);
        verified.incrementAndGet();
      }
    } catch (InterruptedException | IOException | RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    }
  }

  private void verifyOne(SplittableRandom random, boolean withLog)
      throws IOException, InterruptedException {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    String path =
        "/v1/evidence?nonce=%s&registers=%s&log=%s"
            .formatted(
                Base64.getUrlEncoder().withoutPadding().encodeToString(nonce),
                String.join(",", registers.stream().map(RegisterId::name).toList()),
                withLog);
    Path log = Files.createTempFile(folder, "log", ".cel");
    try (InputStream document = get(path, true);
        Evidence evidence = Evidence.read(document, EvidenceLimits.DEFAULT)) {
      Optional<LogSource> beside = Optional.empty();
      if (!withLog) {
        try (InputStream prefix = get("/v1/log?until=" + evidence.endPosition(), true)) {
          Files.copy(prefix, log, StandardCopyOption.REPLACE_EXISTING);
        }
        beside = Optional.of(source(log));
      }
      EvidenceOptions options =
          new EvidenceOptions(
              Optional.of(Bytes.owning(nonce)),
              Optional.empty(),
              registers,
              allowUnsigned,
              false,
              beside,
              List.of(),
              trust);
      EvidenceReport report = EvidenceVerifier.verify(evidence, options, Limits.DEFAULT);
      if (!report.ok()) {
        throw new AssertionError("not good: " + report.checks() + " " + report.notes());
      }
      longest.accumulateAndGet(evidence.endPosition(), Math::max);
    } finally {
      Files.delete(log);
    }
  }

  private static LogSource source(Path log) {
    return new LogSource() {
      @Override
      public String name() {
        return log.toString();
      }

      @Override
      public EventReader open() throws IOException {
        return EventLogs.open(new BufferedInputStream(Files.newInputStream(log)));
      }
    };
  }

  /** Sends one request, and the same once more if it is to be tried again. */
  private InputStream get(String path, boolean again) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE).build();
    HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
    if (response.statusCode() == 200) {
      return response.body();
    }
    Optional<String> pause = response.headers().firstValue("retry-after");
    String problem;
    try (InputStream body = response.body()) {
      problem = new String(body.readAllBytes(), UTF_8);
    }
    if (!again || pause.isEmpty()) {
      throw new AssertionError(path + ": refused" + (again ? "" : " twice") + ": " + problem);
    }
    retried.incrementAndGet();
    Thread.sleep(Duration.ofSeconds(Long.parseLong(pause.get())).toMillis());
    return get(path, false);
  }

  /** Returns how many were verified so far. */
  int verified() {
    return verified.get();
  }

  /** Returns how many were refused once. */
  int retried() {
    return retried.get();
  }

  /** Returns how many records the longest log had. */
  long longest() {
    return longest.get();
  }

  /** Waits until {@code count} were verified, or one has failed. */
  void await(int count) throws InterruptedException {
    while (verified() < count && failure.get() == null) {
      threads.get(0).join(10);
    }
  }

  /** Lets every reader finish; fails if one did. */
  void stop() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure.get() != null) {
      throw new AssertionError("a reader failed", failure.get());
    }
  }
}
