package dev.cairn.cli;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.replay.LogSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A log that a user named: a file, or standard input, which is kept so that it can be read twice.
 */
final class LogInput implements LogSource, AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Console console;
  private final String name;
  private final Path path;
  private final boolean temporary;
  private final ReadOptions options;

  private LogInput(
      Console console, String name, Path path, boolean temporary, ReadOptions options) {
    this.console = console;
    this.name = name;
    this.path = path;
    this.temporary = temporary;
    this.options = options;
  }

  /** Returns the log that is called {@code name}; {@code -} is standard input. */
  static LogInput of(Console console, String name, ReadOptions options) throws IOException {
    if (!name.equals("-")) {
      return new LogInput(console, name, Path.of(name), false, options);
    }
    Path kept = Files.createTempFile("cairn-", ".log"); // 0600
    LogInput input = new LogInput(console, "standard input", kept, true, options);
    try {
      Files.copy(console.in(), kept, StandardCopyOption.REPLACE_EXISTING);
      return input;
    } catch (IOException e) {
      input.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return name;
  }

  /** Opens it; a directory or a missing file is refused by its name. */
  @Override
  public EventReader open() throws IOException {
    InputStream file = Files.newInputStream(path);
    Progress progress = new Progress(console, name, Files.size(path));
    InputStream counted = progress.counting(file);
    InputStream in =
        new BufferedInputStream(counted, BUFFER_BYTES) {
          @Override
          public void close() throws IOException {
            progress.close();
            super.close();
          }
        };
    try {
      return EventLogs.open(in, options);
    } catch (IOException e) {
      in.close();
      throw new IOException(name + ": " + ErrorReport.line(e), e);
    }
  }

  @Override
  public void close() throws IOException {
    if (temporary) {
      Files.deleteIfExists(path);
    }
  }
}
