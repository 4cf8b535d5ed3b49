package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Collects records first, because the array's length comes before them. */
final class CborArray implements EventWriter {
  private final OutputStream out;
  private final List<EventRecord> records = new ArrayList<>();

  CborArray(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(EventRecord record) {
    records.add(record);
  }

  @Override
  public void close() throws IOException {
    try (EventWriter writer = CelCbor.writer(out, records.size(), CelOptions.LOSSLESS)) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }
  }
}
