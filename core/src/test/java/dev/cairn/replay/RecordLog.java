package dev.cairn.replay;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.testing.Logs;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A log of records in memory; offsets are the records' places in the list. */
record RecordLog(String name, LogFormat format, List<EventRecord> records) implements LogSource {
  RecordLog {
    records = List.copyOf(records);
  }

  static RecordLog of(LogFormat format, EventRecord... records) {
    return new RecordLog("log", format, List.of(records));
  }

  /** Reads all of {@code source}, which has to be whole. */
  static RecordLog copyOf(LogSource source) throws IOException {
    try (EventReader reader = source.open()) {
      return new RecordLog(source.name(), reader.format(), Logs.readAll(reader));
    }
  }

  RecordLog with(List<EventRecord> changed) {
    return new RecordLog(name, format, changed);
  }

  @Override
  public EventReader open() {
    return new EventReader() {
      private int next;

      @Override
      public @Nullable EventRecord next() {
        return next == records.size() ? null : records.get(next++);
      }

      @Override
      public long recordOffset() {
        return next - 1L;
      }

      @Override
      public long endOffset() {
        return next;
      }

      @Override
      public LogFormat format() {
        return format;
      }

      @Override
      public void close() {}
    };
  }
}
