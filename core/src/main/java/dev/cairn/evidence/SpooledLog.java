package dev.cairn.evidence;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.replay.LogSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A log out of a document of evidence, in a temporary file that is the document's to delete. */
record SpooledLog(String name, LogFormat format, Path file) implements LogSource {
  private static final int BUFFER_BYTES = 64 * 1024;

  @Override
  public EventReader open() throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    try {
      return EventLogs.open(in, ReadOptions.DEFAULT.withFormat(format));
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }
}
