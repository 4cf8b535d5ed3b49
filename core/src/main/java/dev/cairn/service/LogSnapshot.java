package dev.cairn.service;

import dev.cairn.eventlog.EventReader;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * The committed log as it was at one moment; appends that come later do not show. Cheap to make.
 * Any thread; the methods that throw {@link IOException} read files and must not run on an event
 * loop.
 */
public interface LogSnapshot extends AutoCloseable {
  /** Returns the life of the registers that this log belongs to. */
  String epoch();

  /** Returns how many records there are: positions are 0 to this, exclusive. */
  long endPosition();

  /** Returns the length of all records as CEL-TLV, in bytes. */
  long endOffset();

  /**
   * Returns where record {@code position} begins in the whole log, in bytes; {@link #endOffset()}
   * for {@link #endPosition()}.
   *
   * @throws IndexOutOfBoundsException unless 0 to endPosition, inclusive
   */
  long offsetOf(long position) throws IOException;

  /**
   * Returns the files that hold bytes {@code from} to {@code to} (exclusive) of the whole log, in
   * order. Checks that every file is long enough.
   *
   * @throws IOException if a segment is missing or shorter than its committed end
   */
  List<LogSlice> slices(long from, long to) throws IOException;

  /**
   * Returns a reader of the records from {@code position} to the end, checked against the index.
   */
  EventReader read(long position) throws IOException;

  /**
   * Returns what every register that Cairn extends held before record {@code position}: its start
   * value where nothing was extended. Costs the replay of at most one checkpoint interval.
   */
  Map<RegisterId, DigestSet> valuesBefore(long position) throws IOException;

  /** Gives the files back. */
  @Override
  void close() throws IOException;
}
