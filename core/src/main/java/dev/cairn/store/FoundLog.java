package dev.cairn.store;

import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.MalformedLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies in an epoch's directory when it is opened: how much the index confirms, how many whole
 * records there are behind that, and whether torn bytes follow. Costs a look at each file, all
 * entries of the newest index and a scan of what is not confirmed; damaged indexes are rebuilt.
 *
 * @param segments all of them
 * @param confirmed the log up to the last record that the index confirms
 * @param confirmedKnown whether there was an index to say so
 * @param endPosition how many whole records there are
 * @param lastLength length of the last segment without torn bytes
 * @param torn what follows the last whole record
 */
record FoundLog(
    List<Segment> segments,
    LogView confirmed,
    boolean confirmedKnown,
    long endPosition,
    long lastLength,
    @Nullable TornTail torn) {
  private static final Logger LOG = LoggerFactory.getLogger(FoundLog.class);

  /**
   * Looks.
   *
   * @throws MalformedLogException if confirmed records are missing or damaged, or the segments do
   *     not follow each other
   */
  static FoundLog inspect(Disk disk, ChannelPool channels, Path directory, Limits limits)
      throws IOException {
    List<Segment> segments = list(directory);
    Segment last = segments.get(segments.size() - 1);
    long physicalEnd = last.baseOffset() + Files.size(last.log());
    LogView everything = new LogView(channels, limits, segments, Long.MAX_VALUE, physicalEnd, 0);
    Indexes indexes = new Indexes(disk, everything);
    LogView confirmed = indexes.confirmed();
    return scanBehind(confirmed, indexes.known(), everything);
  }

  private static List<Segment> list(Path directory) throws IOException {
    List<Long> positions = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      files
          .map(file -> Segment.positionIn(String.valueOf(file.getFileName())))
          .filter(OptionalLong::isPresent)
          .map(OptionalLong::getAsLong)
          .sorted()
          .forEach(positions::add);
    }
    List<Segment> segments = new ArrayList<>();
    long offset = 0;
    for (long position : positions) {
      Segment segment = new Segment(directory, position, offset);
      segments.add(segment);
      offset += Files.size(segment.log());
    }
    Segment first = new Segment(directory, 0, 0);
    if (segments.isEmpty() || !segments.get(0).equals(first)) {
      throw LogView.damage(first, 0, "the first segment is missing; restore it from a copy");
    }
    return List.copyOf(segments);
  }

  private static FoundLog scanBehind(LogView confirmed, boolean known, LogView everything)
      throws IOException {
    Segment last = everything.segments().get(everything.segments().size() - 1);
    TornTail torn = null;
    LogView tail = everything.withIndexedPosition(confirmed.endPosition());
    try (LogReader reader = LogReader.open(tail, confirmed.endPosition(), confirmed.endOffset())) {
      try {
        while (reader.next() != null) {
          // counts
        }
      } catch (MalformedLogException e) {
        if (reader.endOffset() < last.baseOffset()) {
          throw e; // only the last segment was being written
        }
        torn =
            new TornTail(
                reader.endOffset(), everything.endOffset() - reader.endOffset(), e.reason());
      }
      if (reader.endOffset() == last.baseOffset() && reader.position() != last.basePosition()) {
        throw LogView.damage(
            last,
            last.baseOffset(),
            "begins with record %d by its name, %d records come before it"
                .formatted(last.basePosition(), reader.position()));
      }
      return new FoundLog(
          everything.segments(),
          confirmed,
          known,
          reader.position(),
          reader.endOffset() - last.baseOffset(),
          torn);
    }
  }

  /** The indexes of all segments, checked and mended. */
  private static final class Indexes {
    private final Disk disk;
    private final LogView log;
    private final int newest; // the last segment with an index worth something, or -1
    private final SegmentIndex.State newestState;
    private long indexedPosition;

    Indexes(Disk disk, LogView log) throws IOException {
      this.disk = disk;
      this.log = log;
      int i = log.segments().size() - 1;
      SegmentIndex.State state = SegmentIndex.State.NONE;
      for (; i >= 0; i--) {
        state = SegmentIndex.inspect(log.segments().get(i), true);
        if (state.entries() > 0) {
          break;
        }
      }
      this.newest = i;
      this.newestState = state;
    }

    boolean known() {
      return newest >= 0;
    }

    LogView confirmed() throws IOException {
      if (newest < 0) {
        return new LogView(log.channels(), log.limits(), log.segments().subList(0, 1), 0, 0, 0);
      }
      Segment segment = log.segments().get(newest);
      requireLastRecord(segment);
      long position = segment.basePosition() + newestState.entries();
      indexedPosition = position;
      LogView confirmed =
          new LogView(
              log.channels(),
              log.limits(),
              List.copyOf(log.segments().subList(0, newest + 1)),
              position,
              segment.baseOffset() + newestState.end(),
              0);
      for (int i = 0; i < newest; i++) {
        mend(confirmed, i);
      }
      return confirmed.withIndexedPosition(indexedPosition);
    }

    /** The record that was confirmed last must be there, as it was. */
    private void requireLastRecord(Segment segment) throws IOException {
      int length = newestState.lastLength();
      long start = newestState.end() - length;
      long available = log.endOffset(newest) - segment.baseOffset() - start;
      if (length > available) {
        throw LogView.damage(
            segment,
            segment.baseOffset() + start,
            "the file ends %d bytes before the end of a confirmed record; restore it from a copy"
                .formatted(length - available));
      }
      ByteBuffer record = ByteBuffer.allocate(length);
      try (ChannelPool.Lease file = log.channels().acquire(segment.log())) {
        LogView.readFully(file.channel(), record, start);
      }
      CRC32C crc = new CRC32C();
      crc.update(record.flip());
      if ((int) crc.getValue() != newestState.lastCrc()) {
        throw LogView.damage(
            segment,
            segment.baseOffset() + start,
            "the record here is not what was confirmed: its CRC-32C differs from the index; restore the file from a copy");
      }
    }

    /** Rebuilds the index of segment {@code i}, which is sealed, unless it is complete. */
    private void mend(LogView confirmed, int i) throws IOException {
      Segment segment = confirmed.segments().get(i);
      long end = confirmed.endPosition(i);
      SegmentIndex.State state = SegmentIndex.inspect(segment, false);
      if (state.entries() == end - segment.basePosition()
          && segment.baseOffset() + state.end() == confirmed.endOffset(i)) {
        return;
      }
      LOG.info("index of {} is missing or damaged and is built again", segment.log());
      LogView unindexed = confirmed.withIndexedPosition(segment.basePosition());
      try (SegmentIndex index = SegmentIndex.open(disk, log.channels(), segment, 0)) {
        EntryScanner.scan(
            unindexed,
            segment.basePosition(),
            end,
            (at, position, entries) -> index.write(position, entries));
      } catch (MalformedLogException e) {
        throw e;
      } catch (IOException e) {
        LOG.warn("index of {} cannot be built; reading is slower", segment.log(), e);
        indexedPosition = Math.min(indexedPosition, segment.basePosition());
      }
    }
  }
}
