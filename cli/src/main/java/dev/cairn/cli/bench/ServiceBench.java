package dev.cairn.cli.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The daemon under load: durable extends beside fdatasync and beside a handler that does nothing,
 * the log's tail, start and memory.
 */
public final class ServiceBench {
  private static final String BODY =
      "{\"domain\":\"github.com/example/bench\",\"operation\":\"PullImage\",\"content\":\""
          + "registry.example/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"}";
  private static final byte[] EXTEND = Load.post("/v1/registers/rtmr2/events", BODY);
  private static final byte[] BARE = Load.post("/", BODY);
  private static final int MANY = 64;
  private static final int SYNCS = 400;
  private static final int SYNC_BYTES = 220; // about one record
  private static final int STARTS = 5;
  private static final int TAIL_BYTES = 200_000;

  private final Path script;
  private final Path folder;
  private final int rounds;
  private final Duration time;
  private final Consumer<String> progress;
  private final List<Figure> figures = new ArrayList<>();

  /**
   * Makes one.
   *
   * @param script the start script
   * @param folder empty, on the file system to be measured
   * @param rounds how often each measurement is taken; medians count
   * @param time of one round
   * @param progress is told what is being done
   */
  public ServiceBench(
      Path script, Path folder, int rounds, Duration time, Consumer<String> progress) {
    this.script = script;
    this.folder = folder;
    this.rounds = rounds;
    this.time = time;
    this.progress = progress;
  }

  /** Runs everything. */
  public List<Figure> run() throws IOException {
    starts();
    try (Child cairn = serve("load");
        Child bare = Child.start(script, folder.resolve("bare.log"), "bare-server")) {
      double idle = cairn.residentMib();
      progress.accept("warming up");
      new Load(cairn.address(), EXTEND, 201).run(MANY, time);
      new Load(bare.address(), BARE, 201).run(MANY, time);
      oneClient(cairn);
      manyClients(cairn, bare);
      tail(cairn);
      figure("memory.idle", idle, "MiB", "resident, right after ready");
      figure("memory.after-load", cairn.residentMib(), "MiB", "resident, after all of the above");
    }
    return List.copyOf(figures);
  }

  private Child serve(String name) throws IOException {
    return Child.start(
        script,
        folder.resolve(name + ".log"),
        "serve",
        "--backend=emulator",
        "--state=" + folder.resolve(name),
        "--listen=127.0.0.1:0");
  }

  private void figure(String name, double value, String unit, String note) {
    figures.add(new Figure(name, value, unit, note));
  }

  private void starts() throws IOException {
    progress.accept("starts");
    double[] ready = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      try (Child child = serve("start" + i)) {
        ready[i] = child.readyMs();
      }
    }
    figure("start.to-ready", Samples.median(ready), "ms", "median of " + STARTS + ", empty state");
  }

  private void oneClient(Child cairn) throws IOException {
    double[] sync = new double[rounds];
    double[] p50 = new double[rounds];
    double[] p99 = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      progress.accept("one client, round " + (i + 1));
      sync[i] = fdatasync().micros(0.5);
      Samples latencies = new Load(cairn.address(), EXTEND, 201).run(1, time).latencies();
      p50[i] = latencies.micros(0.5);
      p99[i] = latencies.micros(0.99);
    }
    double median = Samples.median(sync);
    figure("fdatasync.p50", median, "µs", "append of 220 bytes, same file system");
    figure("extend.1-client.p50", Samples.median(p50), "µs", "over TCP");
    figure("extend.1-client.p99", Samples.median(p99), "µs", "over TCP");
    figure("extend.1-client.p50/fdatasync", Samples.median(p50) / median, "×", "bar: at most 1.6");
  }

  private Samples fdatasync() throws IOException {
    Path file = folder.resolve("fdatasync");
    Samples samples = new Samples();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (int i = 0; i < SYNCS; i++) {
        long start = System.nanoTime();
        channel.write(ByteBuffer.allocate(SYNC_BYTES), (long) i * SYNC_BYTES);
        channel.force(false);
        samples.add(System.nanoTime() - start);
      }
    }
    Files.delete(file);
    return samples;
  }

  private void manyClients(Child cairn, Child bare) throws IOException {
    double[] extend = new double[rounds];
    double[] handler = new double[rounds];
    double[] ratio = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      progress.accept(MANY + " clients, round " + (i + 1));
      handler[i] = new Load(bare.address(), BARE, 201).run(MANY, time).perSecond();
      extend[i] = new Load(cairn.address(), EXTEND, 201).run(MANY, time).perSecond();
      ratio[i] = extend[i] / handler[i];
    }
    figure("bare-handler.64-clients", Samples.median(handler), "/s", "same body, 201 at once");
    figure("extend.64-clients", Samples.median(extend), "/s", "durable and extended");
    figure("extend.64-clients/bare-handler", Samples.median(ratio), "×", "bar: at least 0.6");
  }

  private void tail(Child cairn) throws IOException {
    progress.accept("tail of the log");
    HttpPeek peek = new HttpPeek(cairn.address());
    String path = peek.tailPath(TAIL_BYTES);
    String tag = peek.entityTag(path);
    double[] whole = new double[rounds];
    double[] unchanged = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      whole[i] = new Load(cairn.address(), Load.get(path, ""), 200).run(MANY, time).perSecond();
      unchanged[i] =
          new Load(cairn.address(), Load.get(path, "if-none-match: " + tag + "\r\n"), 304)
              .run(MANY, time)
              .perSecond();
    }
    figure("log.tail-200kB", Samples.median(whole), "/s", "cel-tlv, 64 clients");
    figure("log.304", Samples.median(unchanged), "/s", "64 clients");
    Nginx.measure(folder, TAIL_BYTES, MANY, rounds, time)
        .ifPresent(
            nginx -> {
              figure("nginx.200kB", nginx.whole(), "/s", "one worker, same client");
              figure("nginx.304", nginx.unchanged(), "/s", "one worker, same client");
              figure(
                  "log.tail-200kB/nginx", Samples.median(whole) / nginx.whole(), "×", "bar: 0.5");
              figure(
                  "log.304/nginx", Samples.median(unchanged) / nginx.unchanged(), "×", "bar: 0.5");
            });
  }
}
