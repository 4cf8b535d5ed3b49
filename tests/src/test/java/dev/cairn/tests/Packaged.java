package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged command, run as a user does: in a process of its own, by its start script. */
final class Packaged {
  /** How a run ended. */
  record Result(int status, String out, String err) {}

  private static final Path HOME = Path.of("..", "cli", "target").toAbsolutePath().normalize();
  private static final Path SCRIPT =
      Path.of("..", "cli", "src", "main", "sh", "cairn").toAbsolutePath().normalize();
  private static final long PATIENCE_SECONDS = 180;

  private Packaged() {}

  /** Runs {@code cairn arguments…} in {@code folder} to its end. */
  static Result run(Path folder, String... arguments) throws IOException, InterruptedException {
    File out = Files.createTempFile(folder, "out", "").toFile();
    File err = Files.createTempFile(folder, "err", "").toFile();
    Process process =
        builder(folder, List.of(), arguments).redirectOutput(out).redirectError(err).start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("not done in time: cairn " + String.join(" ", arguments));
    }
    return new Result(
        process.exitValue(), Files.readString(out.toPath()), Files.readString(err.toPath()));
  }

  /** Starts {@code cairn serve} on the emulator in {@code folder}; waits until it is ready. */
  static Daemon serve(Path folder, List<String> jvmFlags, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("serve", "--backend", "emulator"));
    arguments.addAll(List.of("--state", folder.resolve("state").toString()));
    arguments.addAll(List.of("--listen", "127.0.0.1:0"));
    arguments.addAll(List.of(more));
    Process process =
        builder(folder, jvmFlags, arguments.toArray(String[]::new))
            .redirectError(folder.resolve("daemon.log").toFile())
            .start();
    BufferedReader out = process.inputReader(UTF_8);
    String ready = out.readLine();
    if (ready == null) {
      throw new AssertionError(
          "ended before it was ready: " + Files.readString(folder.resolve("daemon.log")));
    }
    return new Daemon(process, ready, out);
  }

  private static ProcessBuilder builder(Path folder, List<String> jvmFlags, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(SCRIPT.toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("CAIRN_"));
    builder.environment().put("CAIRN_HOME", HOME.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    if (!jvmFlags.isEmpty()) {
      builder.environment().put("CAIRN_JAVA_OPTS", String.join(" ", jvmFlags));
    }
    return builder;
  }

  /** A daemon that answers. */
  record Daemon(Process process, String ready, BufferedReader out) implements AutoCloseable {
    private static final Pattern URL = Pattern.compile("http://[^ ]+");

    /** Returns its TCP address as a URL. */
    String url() {
      Matcher match = URL.matcher(ready);
      if (!match.find()) {
        throw new AssertionError("no URL in: " + ready);
      }
      return match.group();
    }

    /** Sends SIGTERM; returns the exit status and what it printed after the first line. */
    Result stop() throws IOException, InterruptedException {
      process.toHandle().destroy(); // Process.destroy would close the streams as well
      String rest = String.join("\n", out.lines().toList());
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("SIGTERM does not end it");
      }
      return new Result(process.exitValue(), rest, "");
    }

    /** Kills it as a power failure would. */
    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }
}
