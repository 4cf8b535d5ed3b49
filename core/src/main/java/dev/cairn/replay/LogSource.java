package dev.cairn.replay;

import dev.cairn.eventlog.EventReader;
import java.io.IOException;

/** A log that can be read more than once: a file, or bytes in memory. */
public interface LogSource {
  /** Returns its name in messages, e.g. the file's. */
  String name();

  /**
   * Opens the log at its beginning. May be called again after the reader before was closed: where a
   * register differs, the second reading looks for the record that is to blame.
   *
   * @throws IOException if it cannot be opened or its format is not recognised
   */
  EventReader open() throws IOException;
}
