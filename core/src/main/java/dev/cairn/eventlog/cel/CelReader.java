package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Remembers the damage and the place of the last record. */
abstract class CelReader implements EventReader {
  private final LogFormat format;
  private long recordOffset;
  private long endOffset;
  private @Nullable MalformedLogException damage;

  CelReader(LogFormat format) {
    this.format = format;
  }

  /** Returns the next record, or null at the end; {@link #found} tells where it lies. */
  abstract @Nullable EventRecord read() throws IOException;

  @Override
  public final @Nullable EventRecord next() throws IOException {
    if (damage != null) {
      throw damage;
    }
    try {
      return read();
    } catch (MalformedLogException e) {
      damage = e;
      throw e;
    }
  }

  final void found(long from, long to) {
    recordOffset = from;
    endOffset = to;
  }

  @Override
  public final long recordOffset() {
    return recordOffset;
  }

  @Override
  public final long endOffset() {
    return endOffset;
  }

  @Override
  public final LogFormat format() {
    return format;
  }
}
