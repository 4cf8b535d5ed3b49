package dev.cairn.http;

import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.LogSlice;
import dev.cairn.service.LogSnapshot;
import dev.cairn.service.MeasuredLog;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The log as one request wants it, ready to be sent: files are open, the first piece is made, and
 * whatever can be wrong has been found. Made on a worker, sent from the event loop.
 */
final class LogAnswer implements AutoCloseable {
  final LogSnapshot snapshot;

  /** Position of the first record served; the end if there is none. */
  final long firstPosition;

  /** What the registers held before that record, as a header value; null: the reset values. */
  final @Nullable String valuesBefore;

  /** The files' bytes if they are served as they lie there, and how many; else nothing. */
  final List<LogSlice> slices;

  final long length;
  final ByteRange.Outcome range;

  /** Everything else. */
  final @Nullable ChunkSource chunks;

  final @Nullable Buffer firstChunk;

  private LogAnswer(
      LogSnapshot snapshot,
      long firstPosition,
      @Nullable String valuesBefore,
      List<LogSlice> slices,
      long length,
      ByteRange.Outcome range,
      @Nullable ChunkSource chunks,
      @Nullable Buffer firstChunk) {
    this.snapshot = snapshot;
    this.firstPosition = firstPosition;
    this.valuesBefore = valuesBefore;
    this.slices = slices;
    this.length = length;
    this.range = range;
    this.chunks = chunks;
    this.firstChunk = firstChunk;
  }

  /**
   * Opens the log. Reads files: not for the event loop.
   *
   * @param rangeHeader Range if it counts
   * @throws ProblemException 400 if the log ends before {@code from} or {@code until}
   */
  static LogAnswer open(MeasuredLog log, LogQuery query, @Nullable String rangeHeader)
      throws IOException, ProblemException {
    LogSnapshot snapshot = log.snapshot();
    try {
      if (query.until().isPresent()) {
        requireWithin("until", query.until().getAsLong(), snapshot.endPosition(), snapshot);
      }
      return query.isPlain() ? plain(snapshot, query, rangeHeader) : written(snapshot, query);
    } catch (IOException | ProblemException | RuntimeException e) {
      snapshot.close();
      throw e;
    }
  }

  private static LogAnswer plain(LogSnapshot snapshot, LogQuery query, @Nullable String rangeHeader)
      throws IOException, ProblemException {
    requireWithin("from", query.from(), snapshot.endPosition(), snapshot);
    long from = snapshot.offsetOf(query.from());
    long end = query.endPosition(snapshot.endPosition());
    long to = end == snapshot.endPosition() ? snapshot.endOffset() : snapshot.offsetOf(end);
    ByteRange.Outcome range = ByteRange.of(rangeHeader, to - from);
    List<LogSlice> slices = List.of();
    if (!range.unsatisfiable() && to > from) {
      long first = range.range().map(part -> from + part.from()).orElse(from);
      long last = range.range().map(part -> from + part.to()).orElse(to);
      slices = snapshot.slices(first, last);
    }
    String values =
        query.from() == 0 || range.range().isPresent()
            ? null
            : values(snapshot, query.from(), null);
    ChunkSource chunks = slices.size() > 1 ? new SliceChunks(slices) : null;
    return new LogAnswer(snapshot, query.from(), values, slices, to - from, range, chunks, null);
  }

  private static LogAnswer written(LogSnapshot snapshot, LogQuery query)
      throws IOException, ProblemException {
    RegisterId register = query.register().orElse(null);
    if (register == null) {
      requireWithin("from", query.from(), snapshot.endPosition(), snapshot);
    }
    RecordChunks chunks = RecordChunks.open(query, snapshot);
    try {
      Buffer first = chunks.next();
      while (!chunks.finished() && chunks.firstPosition() < 0) {
        Buffer more = chunks.next();
        first = first == null || more == null ? more : first.appendBuffer(more);
      }
      if (register != null && chunks.firstPosition() < 0) {
        requireWithin("from", query.from(), chunks.seenOfRegister(), snapshot);
      }
      long position =
          chunks.firstPosition() < 0
              ? query.endPosition(snapshot.endPosition())
              : chunks.firstPosition();
      String values =
          register == null && query.from() == 0 ? null : values(snapshot, position, register);
      return new LogAnswer(
          snapshot, position, values, List.of(), -1, ByteRange.of(null, 0), chunks, first);
    } catch (UnrepresentableRecordException e) {
      chunks.close();
      throw new ProblemException(
          ProblemType.NOT_REPRESENTABLE, e.getMessage() + "; choose another format");
    } catch (IOException | ProblemException | RuntimeException e) {
      chunks.close();
      throw e;
    }
  }

  private static void requireWithin(String field, long wanted, long end, LogSnapshot snapshot)
      throws ProblemException {
    if (wanted > end) {
      throw new ProblemException(
          new Problem(
                  ProblemType.BEYOND_END,
                  "%s: %d: epoch %s has %d records; after a reboot a log begins anew"
                      .formatted(field, wanted, snapshot.epoch(), end))
              .with("field", field)
              .with("observed", wanted)
              .with("end", end)
              .with("epoch", snapshot.epoch()));
    }
  }

  /**
   * Writes e.g. {@code rtmr2;sha384="00ab…", rtmr3;sha384="…"}: a list of RFC 8941. Without {@code
   * only}, registers that still hold what they began the epoch with are left out.
   */
  private static String values(LogSnapshot snapshot, long position, @Nullable RegisterId only)
      throws IOException {
    Map<RegisterId, DigestSet> all = new TreeMap<>(snapshot.valuesBefore(position));
    if (only == null) {
      snapshot.valuesBefore(0).forEach(all::remove);
    }
    StringBuilder text = new StringBuilder();
    for (Map.Entry<RegisterId, DigestSet> entry : all.entrySet()) {
      if (only == null || only.equals(entry.getKey())) {
        text.append(text.length() == 0 ? "" : ", ").append(entry.getKey().name());
        for (Digest digest : entry.getValue()) {
          text.append(';').append(digest.algorithm().bank()).append("=\"");
          text.append(digest.value().toHex()).append('"');
        }
      }
    }
    return text.toString();
  }

  /** Gives the files back. Not for the event loop. */
  @Override
  public void close() throws IOException {
    try (snapshot) {
      if (chunks != null) {
        chunks.close();
      }
    }
  }
}
