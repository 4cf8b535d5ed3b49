package dev.cairn.store;

import dev.cairn.eventlog.EventReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The committed log as it was at one moment; what is appended later does not show. Cheap to make;
 * files are opened when first needed and given back by {@link #close()}. Any thread.
 */
public final class StoreSnapshot implements AutoCloseable {
  private final String epoch;
  private final LogView view;
  private final Map<Segment, ChannelPool.Lease> leases = new LinkedHashMap<>();
  private boolean closed;

  StoreSnapshot(String epoch, LogView view) {
    this.epoch = epoch;
    this.view = view;
  }

  /** Returns the name of the epoch. */
  public String epoch() {
    return epoch;
  }

  /** Returns how many records there are. */
  public long endPosition() {
    return view.endPosition();
  }

  /** Returns how many bytes they have. */
  public long endOffset() {
    return view.endOffset();
  }

  /**
   * Returns where record {@code position} begins in the whole log; {@link #endOffset()} for {@link
   * #endPosition()}. Costs one read of the index.
   *
   * @throws IndexOutOfBoundsException unless 0 to endPosition, inclusive
   */
  public long offsetOf(long position) throws IOException {
    return view.offsetOf(position);
  }

  /**
   * Returns the files that hold bytes {@code from} to {@code to}, exclusive, of the whole log, in
   * order. Holds one descriptor per segment in it until the snapshot is closed.
   *
   * @throws IndexOutOfBoundsException unless 0 ≤ from ≤ to ≤ endOffset
   * @throws dev.cairn.eventlog.MalformedLogException if a file is shorter than its committed end
   */
  public synchronized List<SegmentSlice> slices(long from, long to) throws IOException {
    if (from < 0 || from > to || to > view.endOffset()) {
      throw new IndexOutOfBoundsException(
          "bytes %d to %d: the log has 0 to %d".formatted(from, to, view.endOffset()));
    }
    requireOpen();
    List<SegmentSlice> slices = new ArrayList<>();
    long at = from;
    while (at < to) {
      int i = view.segmentAt(at);
      Segment segment = view.segments().get(i);
      long end = Math.min(to, view.endOffset(i));
      ChannelPool.Lease lease = lease(segment);
      long size = lease.channel().size();
      if (size < end - segment.baseOffset()) {
        throw LogView.damage(
            segment,
            segment.baseOffset() + size,
            "the file ends here; committed records go on to byte "
                + (view.endOffset(i) - segment.baseOffset()));
      }
      slices.add(new SegmentSlice(lease.channel(), at - segment.baseOffset(), end - at));
      at = end;
    }
    return slices;
  }

  private ChannelPool.Lease lease(Segment segment) throws IOException {
    ChannelPool.Lease lease = leases.get(segment);
    if (lease == null) {
      lease = view.channels().acquire(segment.log());
      leases.put(segment, lease);
    }
    return lease;
  }

  /**
   * Returns a reader of the records from {@code position} to the end. Each is compared with its
   * checksum in the index first; one that differs ends the reading with a {@link
   * dev.cairn.eventlog.MalformedLogException} that names the segment and the byte.
   *
   * @throws IndexOutOfBoundsException unless 0 to endPosition, inclusive
   */
  public EventReader read(long position) throws IOException {
    return LogReader.open(view, position, view.offsetOf(position));
  }

  /** Returns the newest whole checkpoint that covers at most {@code position} records. */
  public Optional<Checkpoint> lastCheckpoint(long position) throws IOException {
    return CheckpointFile.findLast(view, position);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the snapshot is closed");
    }
  }

  /** Gives the files back. Idempotent. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    for (ChannelPool.Lease lease : leases.values()) {
      lease.close();
    }
    leases.clear();
  }
}
