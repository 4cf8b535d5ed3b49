package dev.cairn.store;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.cel.CelTlv;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a view over all segments. Those with an entry in the index are compared with
 * their checksum before they are decoded. Offsets count in the whole log. One thread.
 */
final class LogReader implements EventReader {
  private final LogView view;
  private long position; // of the record that comes next
  private long recordOffset;
  private long endOffset;
  private @Nullable Run run;
  private @Nullable MalformedLogException failure;
  private boolean closed;

  private LogReader(LogView view, long position, long offset) {
    this.view = view;
    this.position = position;
    this.recordOffset = offset;
    this.endOffset = offset;
  }

  /** Reads from {@code position} on, which begins at {@code offset} in the whole log. */
  static LogReader open(LogView view, long position, long offset) {
    return new LogReader(view, position, offset);
  }

  /** Records of one segment, all checked against the index or none of them. */
  private static final class Run {
    final Segment segment;
    final SegmentStream stream;
    final EventReader records;
    final long startOffset;
    final long endOffset;

    Run(LogView view, long position, long offset) throws IOException {
      int i = view.segmentAt(offset); // by offset: names may lie, which next() finds out
      segment = view.segments().get(i);
      long checkedEnd = Math.min(view.endPosition(i), view.indexedPosition());
      startOffset = offset;
      if (position < checkedEnd) {
        stream = new CheckedStream(view, segment, position, checkedEnd, offset);
        endOffset = stream.endOffset();
      } else {
        endOffset = view.endOffset(i);
        stream = new PlainStream(view, segment, offset, endOffset);
      }
      records = CelTlv.reader(stream, view.limits());
    }
  }

  /** Returns the position of the record that {@link #next()} gives next. */
  long position() {
    return position;
  }

  /** Returns the segment of the record that {@link #next()} returned last. */
  Segment segment() {
    if (run == null) {
      throw new IllegalStateException("no record was read yet");
    }
    return run.segment;
  }

  @Override
  public @Nullable EventRecord next() throws IOException {
    if (closed) {
      throw new IOException("the reader is closed");
    }
    if (failure != null) {
      throw failure;
    }
    if (endOffset >= view.endOffset()) {
      return null;
    }
    try {
      return read(currentRun());
    } catch (MalformedLogException e) {
      failure = e;
      throw e;
    }
  }

  private Run currentRun() throws IOException {
    Run current = run;
    if (current != null && endOffset < current.endOffset) {
      return current;
    }
    if (current != null) {
      run = null;
      current.records.close();
    }
    current = new Run(view, position, endOffset);
    run = current;
    Segment segment = current.segment;
    if (endOffset == segment.baseOffset() && position != segment.basePosition()) {
      throw LogView.damage(
          segment,
          endOffset,
          "begins with record %d by its name, the segment before it ends with record %d"
              .formatted(segment.basePosition(), position - 1));
    }
    return current;
  }

  private EventRecord read(Run current) throws IOException {
    EventRecord record;
    try {
      record = current.records.next();
    } catch (MalformedLogException e) {
      if (e == current.stream.failure()) {
        throw e; // says its place in the log already
      }
      throw LogView.damage(current.segment, current.startOffset + e.offset(), e.reason(), e);
    }
    if (record == null) {
      throw LogView.damage(
          current.segment,
          endOffset,
          "the file ends here; %d bytes more belong to it"
              .formatted(current.endOffset - endOffset));
    }
    recordOffset = current.startOffset + current.records.recordOffset();
    endOffset = current.startOffset + current.records.endOffset();
    position++;
    return record;
  }

  @Override
  public long recordOffset() {
    return recordOffset;
  }

  @Override
  public long endOffset() {
    return endOffset;
  }

  @Override
  public LogFormat format() {
    return LogFormat.CEL_TLV;
  }

  @Override
  public void close() throws IOException {
    Run current = run;
    run = null;
    if (current != null) {
      current.records.close();
    }
    closed = true;
  }
}
