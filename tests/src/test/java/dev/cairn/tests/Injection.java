package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A system call that fails once per thread, by strace: the kernel does not execute it.
 *
 * @param call name of the system call
 * @param error name of the error
 * @param when which call of a thread fails, from 1
 * @see "strace(1), Tampering"
 */
record Injection(String call, String error, int when) {
  private static final Pattern INJECTED = Pattern.compile("\\([0-9]+<([^>]*)>.*\\(INJECTED\\)");
  private static final int DETACH_SECONDS = 20;

  private List<String> strace(Path trace, String... more) {
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-y", "-o", trace.toString()));
    command.addAll(List.of("-e", "trace=" + call, "-e", "signal=none"));
    command.addAll(List.of("-e", "inject=%s:error=%s:when=%d".formatted(call, error, when)));
    command.addAll(List.of(more));
    return command;
  }

  /** Returns what has to stand before a command; it keeps its process id. */
  List<String> wrapper(Path trace) {
    return strace(trace, "-D", "--seccomp-bpf");
  }

  /** Injects into a running daemon. */
  Attached attach(Daemon daemon, Path trace) throws IOException {
    Process process =
        new ProcessBuilder(strace(trace, "-p", Long.toString(daemon.pid())))
            .redirectErrorStream(true)
            .start();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    String line = reader.readLine();
    if (line == null || !line.contains("attached")) {
      process.destroyForcibly();
      throw new IOException("strace: " + line);
    }
    return new Attached(process, trace);
  }

  /** Returns the file whose call failed, if one did. */
  static Optional<Path> hit(Path trace) throws IOException {
    if (!Files.exists(trace)) {
      return Optional.empty();
    }
    Matcher injected = INJECTED.matcher(Files.readString(trace));
    return injected.find() ? Optional.of(Path.of(injected.group(1))) : Optional.empty();
  }

  /** A strace at work. */
  record Attached(Process process, Path trace) implements AutoCloseable {
    Optional<Path> hit() throws IOException {
      return Injection.hit(trace);
    }

    /** Lets the daemon go on without it. */
    @Override
    public void close() throws IOException {
      process.destroy();
      try {
        if (!process.waitFor(DETACH_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new IOException("strace does not detach");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }
}
