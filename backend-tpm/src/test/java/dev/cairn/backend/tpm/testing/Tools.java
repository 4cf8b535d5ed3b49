package dev.cairn.backend.tpm.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Commands that tests need. One that is missing fails the test and names its package. */
final class Tools {
  private static final int RUN_SECONDS = 60;

  private Tools() {}

  /** Starts a command; what it prints goes to {@code output}. */
  static Process start(String debianPackage, List<String> command, Path output) throws IOException {
    return start(
        debianPackage,
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile())));
  }

  /** Runs a command to its end; returns what it prints, on both streams. */
  static String run(String debianPackage, Map<String, String> environment, String... command)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = start(debianPackage, builder);
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    try {
      if (!process.waitFor(RUN_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException("%s: %s".formatted(String.join(" ", command), output));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return output;
  }

  private static Process start(String debianPackage, ProcessBuilder builder) throws IOException {
    try {
      return builder.start();
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("error=2,")) { // ENOENT
        throw new AssertionError(
            "%s is not installed: apt-get install %s (./test does that)"
                .formatted(builder.command().get(0), debianPackage),
            e);
      }
      throw e;
    }
  }

  static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
