package dev.cairn.cli.bench;

import dev.cairn.cli.client.Answer;
import dev.cairn.cli.client.Endpoint;
import dev.cairn.cli.client.HttpClient;
import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.eventlog.AaelEvent;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.ExtendRequest;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.MeasuredLogOptions;
import dev.cairn.store.LogStore;
import dev.cairn.store.StoreOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** A log of millions of records: what does not depend on its length, and what does. */
public final class LongLogBench {
  private static final int IN_FLIGHT = 4000; // below the queue's limit

  private final Path script;
  private final Path folder;
  private final int records;
  private final Consumer<String> progress;

  /** Makes one that writes into {@code folder}. */
  public LongLogBench(Path script, Path folder, int records, Consumer<String> progress) {
    this.script = script;
    this.folder = folder;
    this.records = records;
    this.progress = progress;
  }

  /** Runs everything. */
  public List<Figure> run() throws IOException {
    Path state = folder.resolve("long");
    List<Figure> figures = new ArrayList<>();
    figures.add(
        new Figure("long-log.made", fill(state) / 1e3, "k/s", records + " extends in process"));
    for (int start = 0; start < 2; start++) {
      progress.accept("restart on a long log");
      try (Child child =
          Child.start(
              script,
              folder.resolve("long.log"),
              "serve",
              "--backend=emulator",
              "--state=" + state,
              "--listen=127.0.0.1:0")) {
        if (start == 1) {
          figures.add(new Figure("long-log.to-ready", child.readyMs(), "ms", "bar: 2000"));
          figures.addAll(read(child));
        }
      }
    }
    return figures;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback has both, receipt and failure
  private double fill(Path state) throws IOException {
    Semaphore room = new Semaphore(IN_FLIGHT);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    LogStore store = LogStore.open(state, StoreOptions.DEFAULT);
    long start = System.nanoTime();
    try (EmulatorBackend backend =
            EmulatorBackend.open(EmulatorProfile.TDX, state.resolve("emulator.registers"));
        MeasuredLog log = MeasuredLog.open(store, backend, MeasuredLogOptions.DEFAULT)) {
      for (int i = 0; i < records && failure.get() == null; i++) {
        if (i % 50_000 == 0) {
          progress.accept("making a long log: %d %%".formatted(100L * i / records));
        }
        room.acquireUninterruptibly();
        log.extend(request(i))
            .whenComplete(
                (receipt, error) -> {
                  if (error != null) {
                    failure.compareAndSet(null, error);
                  }
                  room.release();
                });
      }
      room.acquireUninterruptibly(IN_FLIGHT);
    } catch (BackendException e) {
      throw new IOException("the emulator fails", e);
    }
    Throwable error = failure.get();
    if (error != null) {
      throw new IOException("an extend failed", error);
    }
    return records / ((System.nanoTime() - start) / 1e9);
  }

  private static ExtendRequest request(int number) {
    return new ExtendRequest(
        RegisterId.rtmr(2 + number % 2),
        new AaelEvent("example.org/bench", "Run", "event " + number).toPcClientEvent(),
        Optional.empty(),
        Optional.empty());
  }

  private List<Figure> read(Child child) throws IOException {
    HttpClient client =
        new HttpClient(
            Endpoint.parse("http://127.0.0.1:" + child.address().getPort()), Duration.ofMinutes(2));
    progress.accept("serving a long log");
    List<Figure> figures = new ArrayList<>();
    long start = System.nanoTime();
    long bytes;
    try (Answer answer = client.get("/v1/log?format=cel-tlv", Map.of())) {
      bytes = answer.body().transferTo(OutputStream.nullOutputStream());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    figures.add(new Figure("long-log.whole", bytes / 1e6 / seconds, "MB/s", bytes + " bytes"));
    long first = records - 1000L;
    start = System.nanoTime();
    try (Answer answer = client.get("/v1/log?format=cel-tlv&from=" + first, Map.of())) {
      answer.body().transferTo(OutputStream.nullOutputStream());
    }
    figures.add(
        new Figure("long-log.tail", (System.nanoTime() - start) / 1e6, "ms", "last 1000 records"));
    figures.add(
        new Figure("long-log.memory", child.residentMib(), "MiB", "resident, after all of it"));
    return figures;
  }
}
