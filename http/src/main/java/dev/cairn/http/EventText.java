package dev.cairn.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.service.LogSnapshot;
import dev.cairn.service.MeasuredLog;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * A run of records as server-sent events: {@code id:} position, {@code data:} CEL-JSON record.
 *
 * @param text whole events
 * @param from position of the first
 * @param to position after the last
 * @see "HTML Living Standard, 9.2 Server-sent events; RFC 7464"
 */
record EventText(Buffer text, long from, long to) {
  /** Records in one piece; their contents are bounded by the log itself. */
  private static final int MOST_RECORDS = 256;

  private static final int MOST_BYTES = 128 * 1024;
  private static final byte RECORD_SEPARATOR = 0x1E;
  private static final byte[] DATA = "\ndata: ".getBytes(US_ASCII);

  /**
   * Reads some records from {@code from} on, up to {@code limit} or the log's end. Reads files: not
   * for the event loop.
   */
  static EventText read(MeasuredLog log, long from, long limit) throws IOException {
    try (LogSnapshot snapshot = log.snapshot();
        EventReader reader = snapshot.read(from)) {
      long end = Math.min(limit, Math.min(snapshot.endPosition(), from + MOST_RECORDS));
      ByteArrayOutputStream sequence = new ByteArrayOutputStream(MOST_BYTES / 4);
      long position = from;
      try (EventWriter writer = EventLogs.writer(LogFormat.CEL_JSON_SEQ, sequence)) {
        while (position < end && sequence.size() < MOST_BYTES) {
          EventRecord record = reader.next();
          if (record == null) {
            throw new IOException(
                "the log ends at position %d, before its end %d".formatted(position, end));
          }
          writer.write(record);
          position++;
        }
      }
      return new EventText(toEvents(sequence.toByteArray(), from), from, position);
    }
  }

  /** Every text of the sequence is RS, one line of JSON, LF; an event is id, data, empty line. */
  private static Buffer toEvents(byte[] sequence, long first) {
    Buffer events = Buffer.buffer(sequence.length + sequence.length / 4);
    long position = first;
    int start = 0;
    while (start < sequence.length) {
      int end = start + 1;
      while (end < sequence.length && sequence[end] != RECORD_SEPARATOR) {
        end++;
      }
      events.appendString("id: ").appendString(Long.toString(position)).appendBytes(DATA);
      events.appendBytes(sequence, start + 1, end - start - 1).appendByte((byte) '\n');
      position++;
      start = end;
    }
    return events;
  }
}
