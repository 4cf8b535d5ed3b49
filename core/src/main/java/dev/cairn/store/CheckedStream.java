package dev.cairn.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Whole records of a segment, each compared with its checksum in the index before a byte of it is
 * handed out. A record that does not match ends the stream with an error; those before it are
 * handed out first.
 */
final class CheckedStream extends SegmentStream {
  private static final int ENTRIES = 512;

  private final ChannelPool.Lease log;
  private final ChannelPool.Lease index;
  private final Segment segment;
  private final long endPosition;
  private final long endOffset;
  private final ByteBuffer entries = ByteBuffer.allocate(ENTRIES * IndexLayout.ENTRY_BYTES);
  private final CRC32C crc = new CRC32C();
  private byte[] run = new byte[RUN_BYTES];
  private long position;
  private long offset; // in the segment

  /** Reads records {@code position} to {@code endPosition}, exclusive, which is further. */
  CheckedStream(LogView view, Segment segment, long position, long endPosition, long offset)
      throws IOException {
    this.segment = segment;
    this.position = position;
    this.endPosition = endPosition;
    this.offset = offset - segment.baseOffset();
    this.log = view.channels().acquire(segment.log());
    this.index = view.channels().acquire(segment.index());
    entries.limit(0);
    this.endOffset = endOfLast();
  }

  private long endOfLast() throws IOException {
    ByteBuffer last = ByteBuffer.allocate(IndexLayout.ENTRY_BYTES);
    LogView.readFully(
        index.channel(), last, IndexLayout.entryOffset(segment.basePosition(), endPosition - 1));
    if (last.hasRemaining() || !IndexLayout.intact(last, 0)) {
      close();
      throw LogView.indexDamage(segment, endPosition - 1);
    }
    return segment.baseOffset() + IndexLayout.end(last, 0);
  }

  @Override
  long endOffset() {
    return endOffset;
  }

  @Override
  boolean fill() throws IOException {
    if (position == endPosition) {
      return false;
    }
    if (!entries.hasRemaining()) {
      readEntries();
    }
    int count = recordsInRun();
    int length = (int) (IndexLayout.end(entries, lastOf(count)) - offset);
    if (length > run.length) {
      run = new byte[length];
    }
    ByteBuffer target = ByteBuffer.wrap(run, 0, length);
    LogView.readFully(log.channel(), target, offset);
    int good = compare(count, target.position());
    provide(run, good);
    return true;
  }

  private void readEntries() throws IOException {
    entries.clear();
    long left = (endPosition - position) * IndexLayout.ENTRY_BYTES;
    entries.limit((int) Math.min(entries.capacity(), left));
    LogView.readFully(
        index.channel(), entries, IndexLayout.entryOffset(segment.basePosition(), position));
    entries.flip();
    if (entries.remaining() % IndexLayout.ENTRY_BYTES != 0 || !entries.hasRemaining()) {
      throw LogView.indexDamage(segment, position + entries.remaining() / IndexLayout.ENTRY_BYTES);
    }
  }

  private int lastOf(int count) {
    return entries.position() + (count - 1) * IndexLayout.ENTRY_BYTES;
  }

  /** Returns how many of the entries come in one run: at least one, and RUN_BYTES if more. */
  private int recordsInRun() throws IOException {
    long end = offset;
    int count = 0;
    for (int at = entries.position(); at < entries.limit(); at += IndexLayout.ENTRY_BYTES) {
      long entryEnd = IndexLayout.end(entries, at);
      boolean fits =
          IndexLayout.intact(entries, at)
              && IndexLayout.offset(entries, at) == end
              && entryEnd > end
              && segment.baseOffset() + entryEnd <= endOffset;
      if (!fits && count == 0) {
        throw LogView.indexDamage(segment, position);
      }
      if (!fits || (count > 0 && entryEnd - offset > RUN_BYTES)) {
        break;
      }
      end = entryEnd;
      count++;
    }
    return count;
  }

  /** Returns how many bytes are good, and moves behind them. */
  private int compare(int count, int available) throws IOException {
    int good = 0;
    for (int i = 0; i < count; i++) {
      int at = entries.position();
      int length = IndexLayout.length(entries, at);
      crc.reset();
      if (good + length <= available) {
        crc.update(run, good, length);
      }
      if (good + length > available || (int) crc.getValue() != IndexLayout.crc(entries, at)) {
        if (good > 0) {
          return good; // those first; the next call comes back here
        }
        throw damage(length, available);
      }
      good += length;
      offset += length;
      position++;
      entries.position(at + IndexLayout.ENTRY_BYTES);
    }
    return good;
  }

  private IOException damage(int length, int available) {
    return LogView.damage(
        segment,
        segment.baseOffset() + offset,
        available < length
            ? "the file ends after %d of the %d bytes of record %d, which was confirmed"
                .formatted(available, length, position)
            : "record %d (%d bytes) is not what was confirmed: its CRC-32C differs from the index; restore the file from a copy"
                .formatted(position, length));
  }

  @Override
  public void close() throws IOException {
    log.close();
    index.close();
  }
}
