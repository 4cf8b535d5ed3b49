package dev.cairn.tests.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.Replay;
import dev.cairn.replay.Replayer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Replays the same logs with Cairn and with what else can, in turns, and prints medians of
 * processor time. Run by {@code bench/peers}, which says what is compared.
 *
 * <p>Arguments: an empty directory; then, for every peer, its name and the command that is to be
 * run there, which prints seconds of processor time as its last line.
 */
public final class PeerComparison {
  private static final int RECORDS = 100_000;
  private static final int ROUNDS = 7;
  private static final int WARM_UP = 20;
  private static final RegisterId RTMR2 = RegisterId.rtmr(2);
  private static final RegisterId PCR10 = RegisterId.pcr(10);

  /** All threads, the garbage collector's too, as with the peers. */
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private interface Contestant {
    double cpuSeconds() throws IOException, InterruptedException;
  }

  private PeerComparison() {}

  /** Compares. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path directory = Path.of(arguments[0]);
    byte[] cel =
        SampleLogs.write(
            LogFormat.CEL_TLV, SampleLogs.events(RECORDS, RTMR2, List.of(HashAlgorithm.SHA384)));
    byte[] ima = SampleLogs.ima(RECORDS, HashAlgorithm.SHA1);
    Files.write(directory.resolve("cel.tlv"), cel);
    Files.writeString(
        directory.resolve("rtmr2.hex"),
        replay(LogFormat.CEL_TLV, cel, RTMR2).at(0).value().toHex());
    Files.write(directory.resolve("ima.bin"), ima);
    DigestSet pcr10 = replay(LogFormat.IMA, ima, PCR10);
    writePcrs(directory.resolve("pcrs.sha1"), pcr10, HashAlgorithm.SHA1);
    writePcrs(directory.resolve("pcrs.sha256"), pcr10, HashAlgorithm.SHA256);

    Map<String, Contestant> contestants = new LinkedHashMap<>();
    contestants.put("Cairn, CEL-TLV", () -> cairn(LogFormat.CEL_TLV, cel, RTMR2));
    contestants.put("Cairn, IMA", () -> cairn(LogFormat.IMA, ima, PCR10));
    for (int i = 1; i + 1 < arguments.length; i += 2) {
      String command = arguments[i + 1];
      contestants.put(arguments[i], () -> peer(directory, command));
    }
    for (int i = 0; i < WARM_UP; i++) {
      replay(LogFormat.CEL_TLV, cel, RTMR2);
      replay(LogFormat.IMA, ima, PCR10);
    }
    print(compete(contestants));
  }

  private static Map<String, List<Double>> compete(Map<String, Contestant> contestants)
      throws IOException, InterruptedException {
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      for (Map.Entry<String, Contestant> each : contestants.entrySet()) {
        seconds
            .computeIfAbsent(each.getKey(), name -> new ArrayList<>())
            .add(each.getValue().cpuSeconds());
      }
    }
    return seconds;
  }

  private static void print(Map<String, List<Double>> seconds) {
    System.out.printf("%-44s %10s %12s%n", "100,000 records", "median s", "records/s");
    seconds.forEach(
        (name, all) -> {
          Collections.sort(all);
          double median = all.get(all.size() / 2);
          System.out.printf("%-44s %10.3f %12.0f%n", name, median, RECORDS / median);
        });
  }

  private static double cairn(LogFormat format, byte[] log, RegisterId register)
      throws IOException {
    long start = PROCESS.getProcessCpuTime();
    replay(format, log, register);
    return (PROCESS.getProcessCpuTime() - start) / 1e9;
  }

  private static DigestSet replay(LogFormat format, byte[] log, RegisterId register)
      throws IOException {
    Replayer replayer = new Replayer(Limits.DEFAULT);
    ReadOptions options = ReadOptions.DEFAULT.withFormat(format);
    try (EventReader reader = EventLogs.open(new ByteArrayInputStream(log), options)) {
      replayer.read("sample", reader);
    }
    Replay replay = replayer.result();
    if (!replay.complete() || replay.findingCount() > 0) {
      throw new IllegalStateException(replay.toString());
    }
    return replay.values().asMap().get(register);
  }

  private static double peer(Path directory, String command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("bash", "-c", command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException(command + ": " + output);
    }
    return Double.parseDouble(output.substring(output.lastIndexOf('\n') + 1));
  }

  /** As the TPM 1.2 driver lists them, which is what evmctl wants of a file. */
  private static void writePcrs(Path file, DigestSet value, HashAlgorithm bank) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int pcr = 0; pcr <= 23; pcr++) {
      byte[] bytes =
          pcr == PCR10.index()
              ? value.get(bank).orElseThrow().value().toArray()
              : new byte[bank.sizeBytes()];
      lines.append("PCR-%02d: ".formatted(pcr));
      lines.append(HexFormat.ofDelimiter(" ").withUpperCase().formatHex(bytes)).append(" \n");
    }
    Files.writeString(file, lines);
  }
}
