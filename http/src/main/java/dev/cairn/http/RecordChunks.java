package dev.cairn.http;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.WriteOptions;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.LogSnapshot;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Records of the log, chosen and written in another format. Holds one piece and one record, however
 * long the log is. Needs an output that may be taken from at any time.
 */
final class RecordChunks implements ChunkSource {
  /** Records passed over in one go before the thread is given to somebody else. */
  private static final int SKIP_AT_ONCE = 100_000;

  private final LogQuery query;
  private final EventReader reader;
  private final EventWriter writer;
  private final ByteArrayOutputStream out;
  private final long end;
  private long position;
  private long left;
  private long seenOfRegister;
  private long firstPosition = -1;
  private boolean finished;

  private RecordChunks(
      LogQuery query,
      EventReader reader,
      EventWriter writer,
      ByteArrayOutputStream out,
      long position,
      long end) {
    this.query = query;
    this.reader = reader;
    this.writer = writer;
    this.out = out;
    this.position = position;
    this.end = end;
    this.left = query.limit();
  }

  /** Opens the records that {@code query} wants; the snapshot has to outlive them. */
  static RecordChunks open(LogQuery query, LogSnapshot snapshot) throws IOException {
    long start = query.register().isPresent() ? 0 : query.from();
    ByteArrayOutputStream out = new ByteArrayOutputStream(CHUNK_BYTES + CHUNK_BYTES / 4);
    long end = query.endPosition(snapshot.endPosition());
    WriteOptions options = WriteOptions.DEFAULT;
    if (query.format() == LogFormat.CEL_CBOR) {
      options = options.withRecords(count(query, snapshot, start, end));
    }
    return new RecordChunks(
        query,
        snapshot.read(start),
        EventLogs.writer(query.format(), out, options),
        out,
        start,
        end);
  }

  /** A CBOR array begins with the number of its records; a register's have to be counted. */
  private static long count(LogQuery query, LogSnapshot snapshot, long start, long end)
      throws IOException {
    RegisterId register = query.register().orElse(null);
    if (register == null) {
      return Math.max(0, Math.min(query.limit(), end - start));
    }
    long count = 0;
    try (EventReader reader = snapshot.read(start)) {
      for (long position = start; position < end && count < query.limit(); position++) {
        EventRecord record = reader.next();
        if (record == null) {
          break;
        }
        if (record.register().equals(register) && record.recnum() >= query.from()) {
          count++;
        }
      }
    }
    return count;
  }

  @Override
  public @Nullable Buffer next() throws IOException {
    int skipped = 0;
    while (!finished && out.size() < CHUNK_BYTES && skipped < SKIP_AT_ONCE) {
      EventRecord record = left > 0 && position < end ? reader.next() : null;
      if (record == null) {
        writer.close();
        finished = true;
      } else if (wanted(record)) {
        if (firstPosition < 0) {
          firstPosition = position;
        }
        writer.write(record);
        left--;
        position++;
      } else {
        skipped++;
        position++;
      }
    }
    if (finished && out.size() == 0) {
      return null;
    }
    byte[] bytes = out.toByteArray();
    out.reset();
    return Buffer.buffer(bytes);
  }

  private boolean wanted(EventRecord record) {
    RegisterId register = query.register().orElse(null);
    if (register == null) {
      return true;
    }
    if (!record.register().equals(register)) {
      return false;
    }
    seenOfRegister++;
    return record.recnum() >= query.from();
  }

  /** Returns the position of the first record written; -1 as long as there is none. */
  long firstPosition() {
    return firstPosition;
  }

  boolean finished() {
    return finished;
  }

  /** Returns how many records of the wanted register came by. */
  long seenOfRegister() {
    return seenOfRegister;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
