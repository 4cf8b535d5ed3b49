package dev.cairn.cli.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.Replay;
import dev.cairn.replay.Replayer;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.Consumer;

/** Replay of long logs from a file, with the digests of contents checked. */
public final class ReplayBench {
  private static final int CEL_RECORDS = 1_000_000;
  private static final int IMA_RECORDS = 100_000;
  private static final int WARM_UP = 2;

  private final Path folder;
  private final int rounds;
  private final Consumer<String> progress;

  /** Makes one that writes its logs into {@code folder}. */
  public ReplayBench(Path folder, int rounds, Consumer<String> progress) {
    this.folder = folder;
    this.rounds = rounds;
    this.progress = progress;
  }

  /** Runs everything. */
  public List<Figure> run() throws IOException {
    progress.accept("replay of CEL-TLV");
    double cel = rate(celLog(), LogFormat.CEL_TLV, CEL_RECORDS);
    progress.accept("replay of IMA");
    double ima = rate(imaLog(), LogFormat.IMA, IMA_RECORDS);
    return List.of(
        new Figure("replay.cel-tlv", cel / 1e6, "M/s", "SHA-384, per CPU second; bar: 0.6"),
        new Figure(
            "replay.ima", ima / 1e6, "M/s", "100,000 ima-ng records, per CPU second; bar: 0.5"));
  }

  private double rate(Path log, LogFormat format, int records) throws IOException {
    double[] rates = new double[rounds];
    for (int i = -WARM_UP; i < rounds; i++) {
      Replayer replayer = new Replayer(Limits.DEFAULT);
      long start = cpuNanos();
      try (EventReader reader =
          EventLogs.open(
              new BufferedInputStream(Files.newInputStream(log), 1 << 16),
              ReadOptions.DEFAULT.withFormat(format))) {
        replayer.read(log.toString(), reader);
      }
      double seconds = (cpuNanos() - start) / 1e9;
      Replay replay = replayer.result();
      if (!replay.complete() || replay.findingCount() > 0 || replay.records() != records) {
        throw new IOException(log + ": the log made for the measurement does not replay");
      }
      if (i >= 0) {
        rates[i] = records / seconds;
      }
    }
    return Samples.median(rates);
  }

  /** CPU time of this thread: a rate per core, whatever else the machine does. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private Path celLog() throws IOException {
    Path path = folder.resolve("bench.cel");
    Hasher hasher = new Hasher();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 16);
        EventWriter writer = EventLogs.writer(LogFormat.CEL_TLV, out)) {
      for (int i = 0; i < CEL_RECORDS; i++) {
        PcClientEvent event =
            new AaelEvent("example.org/bench", "PullImage", "registry.example/app:" + i)
                .toPcClientEvent();
        DigestSet digests = DigestSet.of(hasher.hash(HashAlgorithm.SHA384, event.data()));
        writer.write(new EventRecord(i, RegisterId.rtmr(2), digests, event));
      }
    }
    return path;
  }

  /**
   * Entries of template ima-ng (little-endian): u32 pcr, digest, u32 length, name, u32 length,
   * data; data = { u32 length, "sha256:" NUL digest }, { u32 length, file name NUL }.
   */
  private Path imaLog() throws IOException {
    Path path = folder.resolve("bench.ima");
    MessageDigest sha1 = HashAlgorithm.SHA1.newDigest();
    byte[] prefix = "sha256:\0".getBytes(US_ASCII);
    byte[] template = "ima-ng".getBytes(US_ASCII);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 16)) {
      for (int i = 0; i < IMA_RECORDS; i++) {
        byte[] name = ("/usr/lib/x86_64-linux-gnu/lib" + i + ".so\0").getBytes(US_ASCII);
        byte[] data = new byte[4 + prefix.length + 32 + 4 + name.length];
        little(data)
            .putInt(prefix.length + 32)
            .put(prefix)
            .putInt(i)
            .put(new byte[28])
            .putInt(name.length)
            .put(name);
        byte[] entry = new byte[4 + 20 + 4 + template.length + 4 + data.length];
        little(entry)
            .putInt(10)
            .put(sha1.digest(data))
            .putInt(template.length)
            .put(template)
            .putInt(data.length)
            .put(data);
        out.write(entry);
      }
    }
    return path;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
