package dev.cairn.testing;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a reader gave: the whole records, where the last of them ended, and the error, if any.
 *
 * @param records in the order of the log
 * @param end offset of the byte after the last one
 * @param error that stopped the reader, or null
 */
public record Logs(List<EventRecord> records, long end, @Nullable MalformedLogException error) {
  /** Reads to the end or to the error. */
  public static Logs read(EventReader reader) throws IOException {
    List<EventRecord> records = new ArrayList<>();
    try {
      for (EventRecord record = reader.next(); record != null; record = reader.next()) {
        records.add(record);
      }
      return new Logs(records, reader.endOffset(), null);
    } catch (MalformedLogException e) {
      return new Logs(records, reader.endOffset(), e);
    }
  }

  /** Returns the records of a log without damage. */
  public static List<EventRecord> readAll(EventReader reader) throws IOException {
    Logs logs = read(reader);
    if (logs.error != null) {
      throw logs.error;
    }
    return logs.records;
  }

  /** Writes {@code records} and closes {@code writer}. */
  public static void write(EventWriter writer, List<EventRecord> records) throws IOException {
    for (EventRecord record : records) {
      writer.write(record);
    }
    writer.close();
  }

  /** Returns the bytes of hexadecimal digits in parts. */
  public static byte[] hex(String... parts) {
    return Bytes.fromHex(String.join("", parts)).toArray();
  }
}
