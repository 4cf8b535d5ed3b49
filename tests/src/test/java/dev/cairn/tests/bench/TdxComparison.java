package dev.cairn.tests.bench;

import dev.cairn.backend.tdx.TdxProvider;
import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * Extends RTMR 2 of an emulated TDX guest with Cairn's backend and with a C program, in turns. Run
 * by {@code bench/tdx}, which says what is compared. The emulated kernel runs in this process: both
 * pay for it.
 *
 * <p>Arguments: the C program; {@code serve} to keep the guest mounted instead.
 */
public final class TdxComparison {
  private static final int ROUNDS = 7;
  private static final int EXTENDS = 10_000;
  private static final RegisterId RTMR2 = RegisterId.rtmr(2);
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_SECOND = 1e9;

  private TdxComparison() {}

  /** Compares, or serves. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, BackendException {
    Path point = Files.createTempDirectory("tdx");
    try (EmulatedKernel kernel =
        EmulatedKernel.start(point, Offer.SYSFS, Offer.DEVICE, Offer.REPORTS)) {
      if (arguments.length > 1 && arguments[1].equals("serve")) {
        serve(kernel);
      } else {
        compare(kernel, arguments[0]);
      }
    } finally {
      Files.delete(point);
    }
  }

  private static void serve(EmulatedKernel kernel) throws IOException {
    System.out.printf(
        "cairn serve --backend tdx --sysfs-root %s --configfs-root %s --tdx-device %s --boot-id %s%n",
        kernel.sysfs(),
        kernel.configfs(),
        kernel.guestDevice(),
        kernel.procfs().resolve("sys/kernel/random/boot_id"));
    System.in.readAllBytes(); // until it ends
  }

  private static void compare(EmulatedKernel kernel, String client)
      throws IOException, InterruptedException, BackendException {
    double[][] theirs = new double[ROUNDS][];
    double[][] ours = new double[ROUNDS][];
    for (int round = -1; round < ROUNDS; round++) {
      double[] program = program(kernel, client);
      double[] backend = backend(kernel);
      if (round >= 0) { // the first is for warming up
        theirs[round] = program;
        ours[round] = backend;
      }
    }
    System.out.printf("%-34s %10s %10s %10s%n", "extend of RTMR 2", "p50 µs", "p99 µs", "/s");
    print("C: open, write, close", theirs);
    print("Cairn's backend", ours);
    System.out.printf("%-34s %10.2f%n", "ratio", median(ours, 0) / median(theirs, 0));
  }

  private static void print(String name, double[][] times) {
    System.out.printf(
        "%-34s %10.2f %10.2f %10.0f%n", name, median(times, 0), median(times, 1), median(times, 2));
  }

  private static double median(double[][] times, int column) {
    double[] values = Arrays.stream(times).mapToDouble(row -> row[column]).sorted().toArray();
    return values[values.length / 2];
  }

  private static double[] program(EmulatedKernel kernel, String client)
      throws IOException, InterruptedException {
    Path file = kernel.measurements("tdx_guest").resolve("rtmr2:sha384");
    Process process =
        new ProcessBuilder(client, file.toString(), Integer.toString(EXTENDS))
            .redirectErrorStream(true)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException(client + ": " + output);
    }
    return Arrays.stream(output.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
  }

  private static double[] backend(EmulatedKernel kernel) throws BackendException {
    Map<String, String> settings =
        Map.of(
            "sysfs-root", kernel.sysfs().toString(),
            "configfs-root", kernel.configfs().toString(),
            "tdx.device", kernel.guestDevice().toString(),
            "boot-id", kernel.procfs().resolve("sys/kernel/random/boot_id").toString());
    try (MeasurementBackend backend = new TdxProvider().open(settings)) {
      DigestSet digest = DigestSet.of(HashAlgorithm.SHA384.hash(Bytes.filled(1, 1)));
      for (int i = 0; i < EXTENDS / 10; i++) {
        backend.extend(RTMR2, digest);
      }
      long[] nanos = new long[EXTENDS];
      long begin = System.nanoTime();
      for (int i = 0; i < EXTENDS; i++) {
        long sent = System.nanoTime();
        backend.extend(RTMR2, digest);
        nanos[i] = System.nanoTime() - sent;
      }
      double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
      Arrays.sort(nanos);
      return new double[] {
        nanos[EXTENDS / 2] / NANOS_PER_MICRO,
        nanos[EXTENDS / 100 * 99] / NANOS_PER_MICRO,
        EXTENDS / seconds
      };
    }
  }
}
