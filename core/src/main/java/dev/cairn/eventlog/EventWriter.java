package dev.cairn.eventlog;

import java.io.Closeable;
import java.io.IOException;

/** Writes one log, record by record; the same records give the same bytes. For one thread. */
public interface EventWriter extends Closeable {
  /**
   * Writes {@code record}.
   *
   * @throws UnrepresentableRecordException if the format cannot say it; nothing of it is written
   *     then
   * @throws IOException if the stream cannot be written
   */
  void write(EventRecord record) throws IOException;

  /** Writes what the format wants at its end and flushes; the stream stays open. */
  @Override
  void close() throws IOException;
}
