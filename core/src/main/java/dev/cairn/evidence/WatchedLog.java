package dev.cairn.evidence;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.LogSource;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A log of which only the first records are read, and what they extended. */
final class WatchedLog implements LogSource {
  private final LogSource log;
  private final long limit;
  private final Set<RegisterId> extended = new TreeSet<>();
  private long records;

  WatchedLog(LogSource log, long limit) {
    this.log = log;
    this.limit = limit;
  }

  /** Returns how many records were read, at the last time. */
  long records() {
    return records;
  }

  /** Returns the registers that they extend. */
  Set<RegisterId> extended() {
    return extended;
  }

  @Override
  public String name() {
    return log.name();
  }

  @Override
  public EventReader open() throws IOException {
    records = 0;
    return new Watching(log.open());
  }

  private final class Watching implements EventReader {
    private final EventReader reader;
    private @Nullable RegisterId last; // spares the look-up for nearly every record

    Watching(EventReader reader) {
      this.reader = reader;
    }

    @Override
    public @Nullable EventRecord next() throws IOException {
      EventRecord record = records < limit ? reader.next() : null;
      if (record != null) {
        records++;
        if (record.content().measured() && !record.register().equals(last)) {
          last = record.register();
          extended.add(last);
        }
      }
      return record;
    }

    @Override
    public long recordOffset() {
      return reader.recordOffset();
    }

    @Override
    public long endOffset() {
      return reader.endOffset();
    }

    @Override
    public LogFormat format() {
      return reader.format();
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
