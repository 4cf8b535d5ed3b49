package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code cairn serve} of the packaged command, in a process of its own. */
final class Daemon implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready .*127\\.0\\.0\\.1:([0-9]+).*");
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+([0-9]+) kB");
  private static final int START_SECONDS = 60;
  private static final int END_SECONDS = 60;

  private final Process process;
  private final Path errors;
  private final CompletableFuture<String> firstLine = new CompletableFuture<>();
  private int port;

  private Daemon(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    Thread reader = new Thread(this::readOutput, "output of " + process.pid());
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * How to start one. Immutable; listens at a port of the kernel's choice.
   *
   * @param state its state folder
   * @param wrapper what stands before {@code java}; has to keep the process id
   * @param jvmFlags for a start that costs little
   * @param flags of {@code serve}
   */
  record Setup(Path state, List<String> wrapper, List<String> jvmFlags, List<String> flags) {
    /** As users start it, with the emulator. */
    static Setup emulator(Path state, String profile) {
      return new Setup(
          state,
          List.of(),
          Cairn.leanFlags(),
          List.of("--backend", "emulator", "--profile", profile));
    }

    /** As users start it, with a TPM that is there for nothing else. */
    static Setup tpm(Path state, String address, List<String> registers) {
      return new Setup(
          state,
          List.of(),
          Cairn.leanFlags(),
          List.of(
              "--backend",
              "tpm",
              "--tpm",
              address,
              "--registers",
              String.join(",", registers),
              "--allow-resettable",
              "true"));
    }

    /** As users start it in a TDX guest, whose kernel is {@code kernel}. */
    static Setup tdx(Path state, EmulatedKernel kernel) {
      return new Setup(
          state,
          List.of(),
          Cairn.leanFlags(),
          List.of(
              "--backend",
              "tdx",
              "--sysfs-root",
              kernel.sysfs().toString(),
              "--configfs-root",
              kernel.configfs().toString(),
              "--tdx-device",
              kernel.guestDevice().toString(),
              "--boot-id",
              kernel.procfs().resolve("sys/kernel/random/boot_id").toString()));
    }

    Setup with(String... more) {
      return new Setup(state, wrapper, jvmFlags, join(flags, more));
    }

    Setup withJvmFlags(String... more) {
      return new Setup(state, wrapper, join(jvmFlags, more), flags);
    }

    Setup wrappedBy(List<String> command) {
      return new Setup(state, command, jvmFlags, flags);
    }

    private static List<String> join(List<String> first, String... more) {
      List<String> all = new ArrayList<>(first);
      all.addAll(List.of(more));
      return List.copyOf(all);
    }

    /** Starts it and does not wait for it. */
    Daemon launch() throws IOException {
      List<String> command = new ArrayList<>(wrapper);
      command.addAll(
          Cairn.command(jvmFlags, "serve", "--state", state.toString(), "--listen", "127.0.0.1:0"));
      command.addAll(flags);
      Path errors = state.resolveSibling(state.getFileName() + ".stderr");
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("MALLOC_ARENA_MAX", "1");
      builder.redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
      return new Daemon(builder.start(), errors);
    }

    /** Starts it and waits until it is ready. */
    Daemon start() throws IOException, InterruptedException {
      Daemon daemon = launch();
      try {
        daemon.awaitReady();
      } catch (AssertionError e) {
        daemon.kill();
        throw e;
      }
      return daemon;
    }
  }

  private void readOutput() {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      String line = reader.readLine();
      firstLine.complete(line == null ? "" : line);
      while (line != null) {
        line = reader.readLine();
      }
    } catch (IOException e) {
      firstLine.complete("");
    }
  }

  /**
   * Waits for the line that says so.
   *
   * @throws AssertionError with what it wrote to standard error if it ends instead
   */
  void awaitReady() throws IOException, InterruptedException {
    if (!becomesReady()) {
      throw new AssertionError("not ready: " + errors());
    }
  }

  /** Waits for the line that says so, or for the end of standard output without it. */
  boolean becomesReady() throws IOException, InterruptedException {
    String line;
    try {
      line = firstLine.get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("neither ready nor ended: " + errors(), e);
    }
    if (line.isEmpty()) {
      return false;
    }
    Matcher ready = READY.matcher(line);
    if (!ready.matches()) {
      throw new AssertionError("not what ready looks like: '" + line + "'");
    }
    port = Integer.parseInt(ready.group(1));
    return true;
  }

  long pid() {
    return process.pid();
  }

  int port() {
    return port;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  Connection connect() throws IOException {
    return new Connection(port);
  }

  /** Sends a GET on a connection of its own. */
  Response get(String path) throws IOException {
    try (Connection connection = connect()) {
      return connection.get(path);
    }
  }

  /** Returns what this state folder's daemons have written to standard error. */
  String errors() throws IOException {
    return Files.readString(errors);
  }

  /** Returns how much memory is resident, in KiB. */
  int residentKiB() throws IOException {
    Matcher resident =
        RESIDENT.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
    if (!resident.find()) {
      throw new AssertionError("no VmRSS of process " + process.pid());
    }
    return Integer.parseInt(resident.group(1));
  }

  /** Sends SIGKILL and waits for the end. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Sends SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** Waits for the end; returns the exit status. */
  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("process %d does not end".formatted(process.pid()));
    }
    return process.exitValue();
  }

  /** Kills it if it still runs. */
  @Override
  public void close() {
    kill();
  }
}
