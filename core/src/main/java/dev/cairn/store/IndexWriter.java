package dev.cairn.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the index up to the confirmed records. Entries of appended records wait in memory, bounded;
 * where they are not there (records found at start, or too many), the segment is scanned again. A
 * failure to write leaves the index behind and is tried again later: nothing depends on it. One
 * thread.
 */
final class IndexWriter implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(IndexWriter.class);

  /** How many entries wait at most; 2 MiB. */
  private static final int MAX_WAITING = 1 << 16;

  /** After a failure so many records are confirmed before it is tried again. */
  private static final int RETRY_RECORDS = 1024;

  private final Disk disk;
  private final ChannelPool channels;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private int waitingEntries;
  private long indexedPosition;
  private @Nullable SegmentIndex file;
  private long retryAt;
  private boolean behind;

  /** Entries of one batch, all in one segment; the buffer's position is that of the first. */
  private static final class Waiting {
    final Segment segment;
    final ByteBuffer entries;
    long firstPosition;

    Waiting(Segment segment, long firstPosition, ByteBuffer entries) {
      this.segment = segment;
      this.firstPosition = firstPosition;
      this.entries = entries;
    }

    int count() {
      return entries.remaining() / IndexLayout.ENTRY_BYTES;
    }

    long endPosition() {
      return firstPosition + count();
    }
  }

  /** Goes on behind the entry of the record before {@code indexedPosition}. */
  IndexWriter(Disk disk, ChannelPool channels, long indexedPosition) {
    this.disk = disk;
    this.channels = channels;
    this.indexedPosition = indexedPosition;
  }

  /** Returns the position behind the last record that has an entry. */
  long indexedPosition() {
    return indexedPosition;
  }

  /** Takes {@code entries}, which nobody changes afterwards. */
  void appended(Segment segment, long firstPosition, ByteBuffer entries) {
    Waiting batch = new Waiting(segment, firstPosition, entries);
    waiting.add(batch);
    waitingEntries += batch.count();
    while (waitingEntries > MAX_WAITING) {
      waitingEntries -= waiting.remove().count();
    }
  }

  /** Forgets the entries of records from {@code position} on, which were cut. */
  void cut(long position) {
    while (!waiting.isEmpty() && waiting.getLast().endPosition() > position) {
      Waiting last = waiting.removeLast();
      waitingEntries -= last.count();
      if (last.firstPosition < position) {
        int keep = Math.toIntExact(position - last.firstPosition);
        last.entries.limit(last.entries.position() + keep * IndexLayout.ENTRY_BYTES);
        waiting.addLast(last);
        waitingEntries += keep;
      }
    }
  }

  /**
   * Returns the offset in the whole log behind the record before {@code position}, or -1 if no
   * waiting entry says it.
   */
  long endOffset(long position) {
    for (Waiting batch : waiting) {
      if (batch.firstPosition < position && position <= batch.endPosition()) {
        int index = Math.toIntExact(position - 1 - batch.firstPosition);
        int at = batch.entries.position() + index * IndexLayout.ENTRY_BYTES;
        return batch.segment.baseOffset() + IndexLayout.end(batch.entries, at);
      }
    }
    return -1;
  }

  /**
   * Writes entries up to the end of {@code confirmed}, as far as that works.
   *
   * @param confirmed the log up to the last confirmed record
   */
  void advance(LogView confirmed) {
    if (behind && confirmed.endPosition() < retryAt) {
      return;
    }
    try {
      write(confirmed);
      if (behind) {
        behind = false;
        LOG.info("index is complete again up to record {}", indexedPosition);
      }
    } catch (IOException e) {
      if (!behind) {
        LOG.warn(
            "index ends at record {} and cannot be written; reading is slower, nothing is lost",
            indexedPosition,
            e);
      }
      behind = true;
      retryAt = confirmed.endPosition() + RETRY_RECORDS;
      closeQuietly();
    }
  }

  private void write(LogView confirmed) throws IOException {
    long end = confirmed.endPosition();
    long firstWaiting = waiting.isEmpty() ? end : Math.min(end, waiting.element().firstPosition);
    if (indexedPosition < firstWaiting) {
      rescan(confirmed, firstWaiting);
    }
    while (!waiting.isEmpty() && waiting.element().firstPosition < end) {
      Waiting batch = waiting.element();
      int count = (int) Math.min(batch.count(), end - batch.firstPosition);
      int bytes = count * IndexLayout.ENTRY_BYTES;
      ByteBuffer part = batch.entries.slice(batch.entries.position(), bytes);
      write(batch.segment, batch.firstPosition, part);
      batch.firstPosition += count;
      batch.entries.position(batch.entries.position() + bytes);
      waitingEntries -= count;
      if (!batch.entries.hasRemaining()) {
        waiting.remove();
      }
    }
  }

  /** Adds entries for records up to {@code end} from what is on disk. */
  private void rescan(LogView confirmed, long end) throws IOException {
    EntryScanner.scan(confirmed, indexedPosition, end, this::write);
  }

  private void write(Segment segment, long position, ByteBuffer entries) throws IOException {
    int count = entries.remaining() / IndexLayout.ENTRY_BYTES;
    fileOf(segment, position).write(position, entries);
    indexedPosition = position + count;
  }

  private SegmentIndex fileOf(Segment segment, long position) throws IOException {
    SegmentIndex current = file;
    if (current != null && current.segment().equals(segment)) {
      return current;
    }
    if (current != null) {
      file = null;
      try (current) {
        current.sync(); // a sealed segment gets no more entries
      }
    }
    SegmentIndex next =
        SegmentIndex.open(disk, channels, segment, position - segment.basePosition());
    file = next;
    return next;
  }

  private void closeQuietly() {
    SegmentIndex current = file;
    file = null;
    if (current != null) {
      try {
        current.close();
      } catch (IOException e) {
        LOG.debug("index cannot be closed", e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    SegmentIndex current = file;
    file = null;
    if (current != null) {
      current.close();
    }
  }
}
