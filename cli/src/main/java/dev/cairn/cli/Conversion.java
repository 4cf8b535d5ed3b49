package dev.cairn.cli;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes the records of one log in another format. What the new format cannot say ends the
 * conversion at the first such record, or is left out and counted where the user accepts that.
 */
final class Conversion {
  private static final int MAX_REASONS = 64;

  private final LogFormat target;
  private final boolean lossy;
  private final Map<RegisterId, Long> nextRecnums = new HashMap<>();
  private final Map<String, Long> losses = new LinkedHashMap<>();
  private long read;
  private long written;

  Conversion(LogFormat target, boolean lossy) {
    this.target = target;
    this.lossy = lossy;
  }

  /**
   * Converts all of {@code reader} into {@code out}.
   *
   * @throws UnrepresentableRecordException at the first loss, unless losses are accepted
   */
  void run(EventReader reader, OutputStream out) throws IOException {
    try (EventWriter writer = EventLogs.writer(target, out)) {
      for (EventRecord record = reader.next(); record != null; record = reader.next()) {
        read++;
        checkRecnum(record);
        write(writer, record);
      }
    }
  }

  private void write(EventWriter writer, EventRecord record) throws IOException {
    try {
      writer.write(record);
      written++;
    } catch (UnrepresentableRecordException e) {
      if (!lossy) {
        throw e;
      }
      String prefix =
          "%s: %s record %d: ".formatted(target.label(), record.register(), record.recnum());
      String message = ErrorReport.line(e);
      lose(
          "record left out: "
              + (message.startsWith(prefix) ? message.substring(prefix.length()) : message));
    }
  }

  /** A tcg2 log has no record numbers: its readers count, so all others are lost. */
  private void checkRecnum(EventRecord record) throws UnrepresentableRecordException {
    if (target != LogFormat.TCG2) {
      return;
    }
    if (nextRecnums.size() == Limits.DEFAULT.maxRegisters()
        && !nextRecnums.containsKey(record.register())) {
      throw new UnrepresentableRecordException(
          target, record, "more than %d registers".formatted(nextRecnums.size()));
    }
    long counted = nextRecnums.merge(record.register(), 1L, Long::sum) - 1;
    if (record.recnum() == counted) {
      return;
    }
    if (!lossy) {
      throw new UnrepresentableRecordException(
          target, record, "its number would be lost: a reader would count " + counted);
    }
    lose("record number lost: readers of tcg2 count from 0");
  }

  private void lose(String reason) {
    String counted = losses.containsKey(reason) || losses.size() < MAX_REASONS ? reason : "other";
    losses.merge(counted, 1L, Long::sum);
  }

  long read() {
    return read;
  }

  long written() {
    return written;
  }

  /** Returns what was lost, and how often. */
  Map<String, Long> losses() {
    return losses;
  }
}
