package dev.cairn.store;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one life of the registers. Records are appended, which makes them durable, and later
 * committed, which shows them to readers; what is not committed can be cut.
 *
 * <p>One thread writes and recovers; it must never be interrupted, for that closes the file under
 * it. {@link #snapshot()} and the committed end are for any thread.
 */
public final class EpochLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EpochLog.class);

  // any thread
  private final ChannelPool channels;
  private final Limits limits;
  private final String id;
  private volatile LogView committed;

  // writer thread
  private final Disk disk;
  private final Path directory;
  private final StoreOptions options;
  private final Tail tail;
  private final IndexWriter index;
  private final CheckpointWriter checkpoints;
  private final EncodedBatch batch = new EncodedBatch();
  private final long confirmedPosition;
  private final boolean confirmedKnown;
  private EpochHeader header;
  private long endPosition;
  private @Nullable TornTail torn;
  private boolean closed;

  /** Opens an epoch whose header is complete. */
  EpochLog(Disk disk, Path directory, StoreOptions options, EpochHeader header) throws IOException {
    this.disk = disk;
    this.directory = directory;
    this.options = options;
    this.limits = options.limits();
    this.id = String.valueOf(directory.getFileName());
    this.header = header;
    this.channels = new ChannelPool();
    FoundLog found = FoundLog.inspect(disk, channels, directory, limits);
    this.confirmedPosition = found.confirmed().endPosition();
    this.confirmedKnown = found.confirmedKnown();
    this.committed = found.confirmed();
    this.endPosition = found.endPosition();
    this.torn = found.torn();
    this.tail =
        new Tail(disk, options.segmentBytes(), channels, found.segments(), found.lastLength());
    this.index = new IndexWriter(disk, channels, found.confirmed().indexedPosition());
    this.checkpoints = new CheckpointWriter(disk);
    checkpoints.cut(found.segments(), confirmedPosition);
    try {
      completeReplacement();
    } catch (IOException | RuntimeException e) {
      try (this) {
        throw e;
      }
    }
  }

  /** Returns the epoch's name: ten digits that ascend, a hyphen, eight random hex digits. */
  public String id() {
    return id;
  }

  /** Returns what is known about this life of the registers. Writer thread. */
  public EpochHeader header() {
    return header;
  }

  /** Returns how many records there are, committed or not. Writer thread. */
  public long endPosition() {
    return endPosition;
  }

  /** Returns how many bytes all records have, committed or not. Writer thread. */
  public long endOffset() {
    return tail.endOffset();
  }

  /**
   * Writes {@code records} behind the last one and makes them durable: one write, one fdatasync.
   * Writer thread.
   *
   * @throws UnrepresentableRecordException if CEL-TLV cannot say one of them; nothing was written
   * @throws StorageFullException if there is no space; nothing of it is left
   * @throws StorageException if it failed otherwise; see {@link StorageException#recovered()}
   * @throws IllegalStateException while torn bytes lie behind the last record
   */
  public Append append(List<EventRecord> records)
      throws StorageException, UnrepresentableRecordException {
    tail.requireWritable();
    requireWholeTail();
    int bytes = EncodedBatch.length(records);
    tail.makeRoom(bytes, endPosition);
    batch.encode(records, bytes, tail.length());
    long startOffset = endOffset();
    tail.append(batch.bytes());
    index.appended(tail.last(), endPosition, batch.entries());
    batch.shrink();
    long first = endPosition;
    endPosition += records.size();
    return new Append(first, endPosition, startOffset, endOffset());
  }

  private void requireWholeTail() {
    if (torn != null) {
      throw new IllegalStateException(
          "torn bytes behind record %d: cutTornTail() or truncate() come first"
              .formatted(endPosition));
    }
  }

  /**
   * Cuts all records from {@code position} on, and torn bytes behind them, durably. Writer thread.
   *
   * @throws IllegalArgumentException if that would cut a committed record
   * @throws StorageException if it fails; always final
   */
  public void truncate(long position) throws StorageException {
    tail.requireWritable();
    requireUncommitted("truncate to", position);
    if (position == endPosition && torn == null) {
      return;
    }
    LogView all = everything();
    int keep = all.segmentOf(position);
    Segment segment = all.segments().get(keep);
    long offset = offsetOf(all, position);
    tail.cut(keep, offset - segment.baseOffset());
    index.cut(position);
    endPosition = position;
    torn = null;
  }

  /**
   * Replaces all records from {@code position} on, and their keys, in one step: whatever happens,
   * the log is found as before or as after. Costs three syncs more than an append. Writer thread.
   *
   * @param records what stands there afterwards, not committed
   * @param journal this log's open keys
   * @param keys of {@code records}, ascending by position
   * @throws IllegalArgumentException if that would change a committed record
   * @throws UnrepresentableRecordException if CEL-TLV cannot say one of them; nothing was changed
   * @throws StorageException if it fails; if it is not {@link StorageException#recovered()}, the
   *     next start finds the log as before or as after
   */
  public void replaceTail(
      long position, List<EventRecord> records, KeyJournal journal, List<KeyEntry> keys)
      throws StorageException, UnrepresentableRecordException {
    tail.requireWritable();
    requireWholeTail();
    requireUncommitted("replace from", position);
    TailReplacement replacement =
        new TailReplacement(position, List.copyOf(records), List.copyOf(keys));
    replacement.prepare(disk, directory);
    try {
      TailReplacement.decide(disk, directory);
      complete(replacement, journal);
    } catch (IOException e) {
      throw tail.failed(
          TailReplacement.path(directory), "the end of the log cannot be replaced", e);
    }
  }

  /** Goes on where an earlier process stopped in {@link #replaceTail}. */
  private void completeReplacement() throws IOException {
    Optional<TailReplacement> found = TailReplacement.find(directory, limits);
    if (found.isEmpty()) {
      return;
    }
    TailReplacement replacement = found.get();
    long position = replacement.position();
    if (position < committedPosition() || position > endPosition) {
      throw LogView.damage(
          tail.last(),
          endOffset(),
          "%s replaces records from %d on, the log has %d, %d of them confirmed; restore both from one copy"
              .formatted(
                  TailReplacement.path(directory), position, endPosition, committedPosition()));
    }
    try (KeyJournal journal = KeyJournal.open(disk, directory, options.keyWindow(), position)) {
      complete(replacement, journal);
    }
    LOG.info("records from {} on are replaced, as an earlier process began to do", position);
  }

  /** May be done again and again: what it writes is in the file until all of it is done. */
  private void complete(TailReplacement replacement, KeyJournal journal) throws IOException {
    journal.truncate(replacement.position());
    journal.append(replacement.keys());
    truncate(replacement.position());
    if (!replacement.records().isEmpty()) {
      append(replacement.records());
    }
    TailReplacement.end(disk, directory);
  }

  private void requireUncommitted(String what, long position) {
    if (position < committedPosition() || position > endPosition) {
      throw new IllegalArgumentException(
          "%s record %d: needs %d (committed) to %d"
              .formatted(what, position, committedPosition(), endPosition));
    }
  }

  private long offsetOf(LogView all, long position) throws StorageException {
    long known = index.endOffset(position);
    if (known >= 0) {
      return known;
    }
    try {
      return all.offsetOf(position);
    } catch (IOException e) {
      throw new StorageException(
          tail.last().log(), true, "the beginning of record " + position + " cannot be found", e);
    }
  }

  /**
   * Confirms all records before {@code position}: readers see them from now on. An index that
   * cannot be written does not fail this. Writer thread.
   *
   * @throws IllegalArgumentException if there are not so many records, or more were committed
   * @throws StorageException if records that an earlier process left must be read for this, and
   *     cannot
   */
  public void commit(long position) throws StorageException {
    LogView before = committed;
    if (position < before.endPosition() || position > endPosition) {
      throw new IllegalArgumentException(
          "commit of %d records: needs %d (committed) to %d"
              .formatted(position, before.endPosition(), endPosition));
    }
    if (position == before.endPosition()) {
      return;
    }
    LogView all = everything();
    long offset = position == endPosition ? endOffset() : offsetOf(all, position);
    LogView now =
        new LogView(
            channels,
            limits,
            all.segmentsBefore(position),
            position,
            offset,
            index.indexedPosition());
    index.advance(now);
    committed = now.withIndexedPosition(index.indexedPosition());
  }

  /**
   * Keeps {@code payload} as what the service knew after {@code position} confirmed records. Best
   * effort: a failure is logged. Writer thread.
   *
   * @throws IllegalArgumentException if not so many records are committed, or the payload has more
   *     than 16 MiB
   */
  public void checkpoint(long position, Bytes payload) {
    LogView view = committed;
    if (position < 0 || position > view.endPosition()) {
      throw new IllegalArgumentException(
          "checkpoint after %d records: %d are committed".formatted(position, view.endPosition()));
    }
    checkpoints.write(
        view.segments().get(view.segmentOf(position)), new Checkpoint(position, payload));
  }

  /**
   * Replaces the header, durably and at once. Writer thread.
   *
   * @throws StorageException if it fails; the old header stays
   */
  public void updateHeader(EpochHeader now) throws StorageException {
    EpochHeaderFile.write(disk, directory, now);
    header = now;
  }

  /**
   * Returns how many records the index said were confirmed when the log was opened; 0 if there was
   * no index. Never more than were. Writer thread.
   */
  public long confirmedPosition() {
    return confirmedPosition;
  }

  /** Returns the newest whole checkpoint that covers at most {@code atMost} records. */
  public Optional<Checkpoint> lastCheckpoint(long atMost) throws IOException {
    return CheckpointFile.findLast(everything(), atMost);
  }

  /**
   * Reads all records on disk from {@code position} on, committed or not. Torn bytes behind the
   * last whole record show as a {@link dev.cairn.eventlog.MalformedLogException} after it. Writer
   * thread; not to be used after the next change.
   */
  public EventReader readTail(long position) throws IOException {
    LogView all = everything();
    long offset = all.offsetOf(position);
    if (torn == null) {
      return LogReader.open(all, position, offset);
    }
    return LogReader.open(
        new LogView(
            channels,
            limits,
            all.segments(),
            Long.MAX_VALUE,
            all.endOffset() + torn.bytes(),
            all.indexedPosition()),
        position,
        offset);
  }

  /**
   * Cuts, durably, what lies behind the last whole record, if anything does. Writer thread.
   *
   * @return what was cut
   * @throws dev.cairn.eventlog.MalformedLogException if whole records lie behind the bytes that do
   *     not parse and no index says that those were not confirmed: then it may be damage. Compare
   *     the records before with the register and {@link #truncate} where it agrees
   * @throws StorageException if the cut fails; final
   */
  public Optional<TornTail> cutTornTail() throws IOException {
    TornTail found = torn;
    if (found == null) {
      return Optional.empty();
    }
    if (!confirmedKnown) {
      found.refuseIfRecordsFollow(everything());
    }
    truncate(endPosition);
    return Optional.of(found);
  }

  /**
   * Opens the journal of idempotency keys. Entries that were not written whole, and those of
   * records from {@code endPosition} on, are dropped durably. To be closed before this log. Writer
   * thread.
   *
   * @throws IOException if the journal is damaged; the message says what to do
   */
  public KeyJournal openKeys(long endPosition) throws IOException {
    return KeyJournal.open(disk, directory, options.keyWindow(), endPosition);
  }

  /** Returns how many records are committed. Any thread. */
  public long committedPosition() {
    return committed.endPosition();
  }

  /** Returns how many bytes the committed records have. Any thread. */
  public long committedOffset() {
    return committed.endOffset();
  }

  /** Returns the log as committed now. Any thread; to be closed. */
  public StoreSnapshot snapshot() {
    return new StoreSnapshot(id, committed);
  }

  private LogView everything() {
    return new LogView(
        channels, limits, tail.segments(), endPosition, endOffset(), index.indexedPosition());
  }

  boolean isClosed() {
    return closed;
  }

  /** Closes the files. Snapshots stay usable until they are closed themselves. Writer thread. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (channels) {
      tail.close();
    } finally {
      index.close();
      checkpoints.close();
    }
  }
}
