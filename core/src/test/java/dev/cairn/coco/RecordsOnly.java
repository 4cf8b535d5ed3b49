package dev.cairn.coco;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.LogSlice;
import dev.cairn.service.LogSnapshot;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A snapshot that has nothing but records. */
record RecordsOnly(List<EventRecord> records) implements LogSnapshot {
  @Override
  public String epoch() {
    return "test";
  }

  @Override
  public long endPosition() {
    return records.size();
  }

  @Override
  public long endOffset() {
    throw new UnsupportedOperationException();
  }

  @Override
  public long offsetOf(long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<LogSlice> slices(long from, long to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public EventReader read(long position) {
    Iterator<EventRecord> rest = records.listIterator((int) position);
    return new EventReader() {
      @Override
      public LogFormat format() {
        return LogFormat.CEL_TLV;
      }

      @Override
      public @Nullable EventRecord next() {
        return rest.hasNext() ? rest.next() : null;
      }

      @Override
      public long recordOffset() {
        throw new UnsupportedOperationException();
      }

      @Override
      public long endOffset() {
        throw new UnsupportedOperationException();
      }

      @Override
      public void close() {
        // nothing is open
      }
    };
  }

  @Override
  public Map<RegisterId, DigestSet> valuesBefore(long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    // nothing is open
  }
}
