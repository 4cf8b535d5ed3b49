package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The packaged command. */
final class Cairn {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final Path PACKAGE = Path.of("..", "cli", "target").toAbsolutePath().normalize();
  private static final int TIMEOUT_SECONDS = 60;

  private Cairn() {}

  /** How a command ended. */
  record Ended(int status, String out, String err) {}

  /** Returns the command line of {@code arguments}. */
  static List<String> command(List<String> jvmFlags, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(JAVA.toString());
    command.addAll(jvmFlags);
    command.add("-jar");
    command.add(PACKAGE.resolve("cairn.jar").toString());
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  /** Returns JVM flags for a start that costs little: the daemon is started hundreds of times. */
  static List<String> leanFlags() {
    return Lean.FLAGS;
  }

  /** Makes the class-data archive when it is first needed. */
  private static final class Lean {
    static final List<String> FLAGS = flags();

    private static List<String> flags() {
      List<String> flags = new ArrayList<>();
      flags.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "-Xss256k", "-XX:TieredStopAtLevel=1"));
      flags.addAll(List.of("-XX:-UsePerfData", "-Xlog:disable", "-Xlog:all=error:stderr"));
      flags.addAll(List.of("-Dvertx.disableDnsResolver=true", "-Dio.netty.jfr.enabled=false"));
      try {
        Path folder = Files.createTempDirectory(Path.of("target"), "archive").toAbsolutePath();
        Path archive = folder.resolve("cairn.jsa");
        List<String> training = new ArrayList<>(flags);
        training.add("-XX:ArchiveClassesAtExit=" + archive);
        train(new Daemon.Setup(folder.resolve("state"), List.of(), training, List.of()));
        flags.add("-XX:SharedArchiveFile=" + archive);
      } catch (IOException | InterruptedException e) {
        throw new AssertionError("no class-data archive", e);
      }
      return List.copyOf(flags);
    }

    private static void train(Daemon.Setup setup) throws IOException, InterruptedException {
      Event event = new Event("training", "rtmr2", "x", Optional.of("key"));
      try (Daemon daemon = setup.with("--backend", "emulator").start();
          Connection connection = daemon.connect()) {
        new Attempt(event).send(connection);
        connection.get("/v1/registers");
        connection.get("/v1/log");
        daemon.terminate();
        if (daemon.awaitEnd() != 0) {
          throw new AssertionError("training ended with a failure: " + daemon.errors());
        }
      }
    }
  }

  /** Runs a command to its end. */
  static Ended run(String... arguments) throws IOException, InterruptedException {
    Path out = Files.createTempFile("cairn", ".out");
    Path err = Files.createTempFile("cairn", ".err");
    try {
      Process process =
          new ProcessBuilder(command(List.of("-XX:TieredStopAtLevel=1"), arguments))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("cairn %s does not end".formatted(Arrays.toString(arguments)));
      }
      return new Ended(
          process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }
}
