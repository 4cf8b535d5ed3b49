package dev.cairn.tests.bench;

import dev.cairn.backend.tpm.TpmProvider;
import dev.cairn.backend.tpm.testing.RawTpm;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Extends PCR 16 of a software TPM with Cairn's backend and with what else does it, in turns; every
 * one has the TPM for itself. Run by {@code bench/tpm}, which says what is compared.
 *
 * <p>Argument: the C client.
 */
public final class TpmComparison {
  private static final int ROUNDS = 7;
  private static final int COMMANDS = 20_000;
  private static final int PROCESSES = 20;
  private static final RegisterId PCR16 = RegisterId.pcr(16);
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_SECOND = 1e9;

  private interface Contestant {
    Times run() throws IOException, InterruptedException, BackendException;
  }

  /** Microseconds; and commands per second. */
  private record Times(double p50, double p99, double perSecond) {}

  private TpmComparison() {}

  /** Compares. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, BackendException {
    System.out.printf("%-34s %10s %10s %10s%n", "TPM2_PCR_Extend", "p50 µs", "p99 µs", "/s");
    compare(arguments[0], List.of(HashAlgorithm.SHA256));
    compare(
        arguments[0],
        List.of(
            HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SHA512));
  }

  private static void compare(String client, List<HashAlgorithm> banks)
      throws IOException, InterruptedException, BackendException {
    try (Swtpm swtpm = Swtpm.start()) {
      try (RawTpm raw = swtpm.connect()) {
        raw.allocate(banks);
      }
      swtpm.reboot();
      String name = banks.size() == 1 ? ", 1 bank" : ", %d banks".formatted(banks.size());
      Map<String, Contestant> contestants = new LinkedHashMap<>();
      contestants.put("C client" + name, () -> client(client, swtpm, banks.size()));
      contestants.put("Cairn's backend" + name, () -> backend(swtpm));
      contestants.put("tpm2_pcrextend" + name, () -> tools(swtpm, banks));
      print(compete(contestants));
    }
  }

  private static Map<String, List<Times>> compete(Map<String, Contestant> contestants)
      throws IOException, InterruptedException, BackendException {
    Map<String, List<Times>> times = new LinkedHashMap<>();
    for (int round = -1; round < ROUNDS; round++) {
      for (Map.Entry<String, Contestant> each : contestants.entrySet()) {
        Times measured = each.getValue().run();
        if (round >= 0) { // the first is for warming up
          times.computeIfAbsent(each.getKey(), name -> new ArrayList<>()).add(measured);
        }
      }
    }
    return times;
  }

  private static void print(Map<String, List<Times>> times) {
    times.forEach(
        (name, all) ->
            System.out.printf(
                "%-34s %10.2f %10.2f %10.0f%n",
                name,
                median(all.stream().mapToDouble(Times::p50).toArray()),
                median(all.stream().mapToDouble(Times::p99).toArray()),
                median(all.stream().mapToDouble(Times::perSecond).toArray())));
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private static Times client(String client, Swtpm swtpm, int banks)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                client,
                swtpm.socket().toString(),
                Integer.toString(banks),
                Integer.toString(COMMANDS))
            .redirectErrorStream(true)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException(client + ": " + output);
    }
    String[] numbers = output.split(" ", -1);
    return new Times(
        Double.parseDouble(numbers[0]),
        Double.parseDouble(numbers[1]),
        Double.parseDouble(numbers[2]));
  }

  private static Times backend(Swtpm swtpm) throws BackendException {
    Map<String, String> settings =
        Map.of("tpm", swtpm.address(), "registers", "pcr16", "allow-resettable", "true");
    try (MeasurementBackend backend = new TpmProvider().open(settings)) {
      DigestSet digests = digests(backend);
      for (int i = 0; i < COMMANDS / 10; i++) {
        backend.extend(PCR16, digests);
      }
      return time(COMMANDS, () -> backend.extend(PCR16, digests));
    }
  }

  private static DigestSet digests(MeasurementBackend backend) {
    RegisterDescriptor register =
        backend.registers().stream().filter(r -> r.id().equals(PCR16)).findFirst().orElseThrow();
    return new Hasher().hash(register.banks(), Bytes.filled(1, 1));
  }

  private static Times tools(Swtpm swtpm, List<HashAlgorithm> banks)
      throws IOException, BackendException {
    StringBuilder extend = new StringBuilder("16:");
    String separator = "";
    for (HashAlgorithm bank : banks) {
      extend
          .append(separator)
          .append(bank.bank())
          .append('=')
          .append("11".repeat(bank.sizeBytes()));
      separator = ",";
    }
    String argument = extend.toString();
    return time(
        PROCESSES,
        () -> {
          try {
            swtpm.run("tpm2_pcrextend", argument);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private interface Step {
    void run() throws BackendException;
  }

  private static Times time(int count, Step step) throws BackendException {
    long[] nanos = new long[count];
    long begin = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long sent = System.nanoTime();
      step.run();
      nanos[i] = System.nanoTime() - sent;
    }
    double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
    Arrays.sort(nanos);
    return new Times(
        nanos[count / 2] / NANOS_PER_MICRO,
        nanos[count * 99 / 100] / NANOS_PER_MICRO,
        count / seconds);
  }
}
