package dev.cairn.cli.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of Cairn's own, started as users start it, that says when it is ready. */
final class Child implements AutoCloseable {
  private final Process process;
  private final InetSocketAddress address;
  private final double readyMs;

  private Child(Process process, InetSocketAddress address, double readyMs) {
    this.process = process;
    this.address = address;
    this.readyMs = readyMs;
  }

  /**
   * Starts {@code cairn arguments…} and waits for its first line, which names {@code http://…}.
   *
   * @param script the start script
   * @param errors where its standard error goes
   */
  static Child start(Path script, Path errors, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(script.toString());
    command.addAll(List.of(arguments));
    long start = System.nanoTime();
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    BufferedReader out = process.inputReader(UTF_8);
    String line = out.readLine();
    double readyMs = (System.nanoTime() - start) / 1e6;
    if (line == null || !line.contains("http://")) {
      process.destroyForcibly();
      throw new IOException(
          "cairn " + String.join(" ", arguments) + ": did not start: " + Files.readString(errors));
    }
    String port = line.replaceFirst(".*http://[^ ]*:([0-9]+).*", "$1");
    return new Child(
        process,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)),
        readyMs);
  }

  InetSocketAddress address() {
    return address;
  }

  /** Returns the time from the start of the process to its first line. */
  double readyMs() {
    return readyMs;
  }

  /** Returns the resident memory in MiB. */
  double residentMib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("/proc has no VmRSS of process " + process.pid());
  }

  /** Ends it with SIGTERM. */
  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("process " + process.pid() + " did not end on SIGTERM");
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }
}
