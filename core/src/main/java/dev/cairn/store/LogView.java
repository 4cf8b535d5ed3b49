package dev.cairn.store;

import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log as it is at one moment: which files, and how far. Immutable; the files only grow behind its
 * end while it is in use.
 *
 * @param segments in order, the first at position 0, none beginning behind {@code endOffset}
 * @param endPosition how many records
 * @param endOffset how many bytes over all segments
 * @param indexedPosition records before it have entries in the index
 */
record LogView(
    ChannelPool channels,
    Limits limits,
    List<Segment> segments,
    long endPosition,
    long endOffset,
    long indexedPosition) {

  /** Returns the same files and the same end with more or fewer entries in the index. */
  LogView withIndexedPosition(long position) {
    return new LogView(channels, limits, segments, endPosition, endOffset, position);
  }

  /** Returns the index of the segment that holds {@code position}, or would hold it. */
  int segmentOf(long position) {
    int low = 0;
    int high = segments.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (segments.get(middle).basePosition() <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Returns the segments that hold the records before {@code position}; at least one. */
  List<Segment> segmentsBefore(long position) {
    int last = segmentOf(position);
    if (last > 0 && segments.get(last).basePosition() == position) {
      last--;
    }
    return last + 1 == segments.size() ? segments : List.copyOf(segments.subList(0, last + 1));
  }

  /** Returns the index of the segment that holds byte {@code offset}, or would hold it. */
  int segmentAt(long offset) {
    int low = 0;
    int high = segments.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (segments.get(middle).baseOffset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Returns the offset in the whole log behind the last byte that segment {@code i} has. */
  long endOffset(int i) {
    return i + 1 < segments.size()
        ? Math.min(segments.get(i + 1).baseOffset(), endOffset)
        : endOffset;
  }

  /** Returns the position behind the last record of segment {@code i}. */
  long endPosition(int i) {
    return i + 1 < segments.size()
        ? Math.min(segments.get(i + 1).basePosition(), endPosition)
        : endPosition;
  }

  /**
   * Returns where record {@code position} begins in the whole log. One read of the index; where the
   * index is behind, a scan from its end.
   *
   * @throws IndexOutOfBoundsException unless 0 to {@code endPosition}, inclusive
   */
  long offsetOf(long position) throws IOException {
    if (position < 0 || position > endPosition) {
      throw new IndexOutOfBoundsException(
          "position %d: the log has 0 to %d".formatted(position, endPosition));
    }
    if (position == endPosition) {
      return endOffset;
    }
    Segment segment = segments.get(segmentOf(position));
    if (position == segment.basePosition()) {
      return segment.baseOffset();
    }
    if (position < indexedPosition) {
      return segment.baseOffset() + indexedOffset(segment, position);
    }
    long known = Math.max(indexedPosition, segment.basePosition());
    try (LogReader reader = LogReader.open(this, known, offsetOfIndexed(segment, known))) {
      for (long at = known; at < position; at++) {
        if (reader.next() == null) {
          throw damage(segment, endOffset, "the log ends before record " + position);
        }
      }
      return reader.endOffset();
    }
  }

  private long offsetOfIndexed(Segment segment, long position) throws IOException {
    if (position == segment.basePosition()) {
      return segment.baseOffset();
    }
    try (ChannelPool.Lease index = channels.acquire(segment.index())) {
      ByteBuffer entry = readEntry(index.channel(), segment, position - 1);
      return segment.baseOffset() + IndexLayout.end(entry, 0);
    }
  }

  private long indexedOffset(Segment segment, long position) throws IOException {
    try (ChannelPool.Lease index = channels.acquire(segment.index())) {
      return IndexLayout.offset(readEntry(index.channel(), segment, position), 0);
    }
  }

  private static ByteBuffer readEntry(FileChannel index, Segment segment, long position)
      throws IOException {
    ByteBuffer entry = ByteBuffer.allocate(IndexLayout.ENTRY_BYTES);
    readFully(index, entry, IndexLayout.entryOffset(segment.basePosition(), position));
    if (entry.hasRemaining() || !IndexLayout.intact(entry, 0)) {
      throw indexDamage(segment, position);
    }
    return entry;
  }

  static MalformedLogException indexDamage(Segment segment, long position) {
    return damage(
        segment,
        segment.baseOffset(),
        "%s: entry of record %d is damaged; delete that file and restart: it is rebuilt from the log"
            .formatted(segment.index(), position));
  }

  static MalformedLogException damage(Segment segment, long offset, String reason) {
    return damage(segment, offset, reason, null);
  }

  /** Makes an error that names the segment and the byte in it. */
  static MalformedLogException damage(
      Segment segment, long offset, String reason, @Nullable Throwable cause) {
    return new MalformedLogException(
        LogFormat.CEL_TLV,
        offset,
        "%s byte %d: %s".formatted(segment.log(), offset - segment.baseOffset(), reason),
        cause);
  }

  /** Fills {@code target} from {@code offset} on; it has space left where the file ends before. */
  static void readFully(FileChannel channel, ByteBuffer target, long offset) throws IOException {
    long at = offset;
    while (target.hasRemaining()) {
      int read = channel.read(target, at);
      if (read < 0) {
        return;
      }
      at += read;
    }
  }
}
