package dev.cairn.store;

import dev.cairn.eventlog.EventRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Makes index entries from what lies on disk. Memory: one run of entries and one of records. */
final class EntryScanner {
  private static final int RUN_ENTRIES = 1024;

  private final LogView view;
  private final Target target;
  private final ByteBuffer entries = ByteBuffer.allocate(RUN_ENTRIES * IndexLayout.ENTRY_BYTES);
  private final CRC32C crc = new CRC32C();
  private byte[] window = new byte[SegmentStream.RUN_BYTES];
  private int windowLength;
  private long windowOffset; // in the whole log
  private long firstPosition;

  /** Where entries go, a run of one segment at a time. */
  interface Target {
    void write(Segment segment, long position, ByteBuffer entries) throws IOException;
  }

  private EntryScanner(LogView view, long position, Target target) {
    this.view = view;
    this.firstPosition = position;
    this.target = target;
  }

  /**
   * Makes the entries of records {@code from} to {@code end}, exclusive; the ones before have
   * theirs.
   *
   * @throws dev.cairn.eventlog.MalformedLogException if a record cannot be read
   */
  static void scan(LogView view, long from, long end, Target target) throws IOException {
    new EntryScanner(view, from, target).run(from, end);
  }

  private void run(long from, long end) throws IOException {
    try (LogReader reader = LogReader.open(view, from, view.offsetOf(from))) {
      Segment segment = null;
      while (reader.position() < end) {
        EventRecord record = reader.next();
        if (record == null) {
          throw LogView.damage(
              view.segments().get(view.segmentOf(reader.position())),
              reader.endOffset(),
              "the log ends here; records up to %d were confirmed".formatted(end - 1));
        }
        if (segment != null && !segment.equals(reader.segment())) {
          flush(segment);
        }
        segment = reader.segment();
        add(segment, record, reader);
        if (!entries.hasRemaining()) {
          flush(segment);
        }
      }
      if (segment != null) {
        flush(segment);
      }
    }
  }

  private void add(Segment segment, EventRecord record, LogReader reader) throws IOException {
    int length = Math.toIntExact(reader.endOffset() - reader.recordOffset());
    load(segment, reader.recordOffset(), length);
    crc.reset();
    crc.update(window, (int) (reader.recordOffset() - windowOffset), length);
    IndexLayout.put(
        entries,
        reader.recordOffset() - segment.baseOffset(),
        length,
        (int) crc.getValue(),
        record.register(),
        record.recnum());
  }

  private void load(Segment segment, long offset, int length) throws IOException {
    if (offset >= windowOffset && offset + length <= windowOffset + windowLength) {
      return;
    }
    if (length > window.length) {
      window = new byte[length];
    }
    long left = view.endOffset(view.segments().indexOf(segment)) - offset;
    ByteBuffer buffer = ByteBuffer.wrap(window, 0, (int) Math.min(window.length, left));
    try (ChannelPool.Lease log = view.channels().acquire(segment.log())) {
      LogView.readFully(log.channel(), buffer, offset - segment.baseOffset());
    }
    windowOffset = offset;
    windowLength = buffer.position();
    if (windowLength < length) {
      throw LogView.damage(segment, offset, "the file became shorter while it was read");
    }
  }

  private void flush(Segment segment) throws IOException {
    entries.flip();
    if (entries.hasRemaining()) {
      int count = entries.remaining() / IndexLayout.ENTRY_BYTES;
      target.write(segment, firstPosition, entries);
      firstPosition += count;
    }
    entries.clear();
  }
}
