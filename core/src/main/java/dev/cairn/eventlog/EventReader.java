package dev.cairn.eventlog;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one log, record by record. A damaged log yields its whole records and then, once and for
 * all, the error. For one thread.
 */
public interface EventReader extends Closeable {
  /**
   * Returns the next record, or null at the end of the log.
   *
   * @throws MalformedLogException if what comes next is no record; every later call throws it again
   * @throws IOException if the stream cannot be read
   */
  @Nullable EventRecord next() throws IOException;

  /**
   * Returns where the record that {@link #next()} returned last begins, in bytes from the start.
   */
  long recordOffset();

  /** Returns the offset of the byte after the record that {@link #next()} returned last. */
  long endOffset();

  /** Returns the format that it reads. */
  LogFormat format();

  /** Closes the stream that it reads from. */
  @Override
  void close() throws IOException;
}
