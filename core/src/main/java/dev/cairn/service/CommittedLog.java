package dev.cairn.service;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import dev.cairn.store.SegmentSlice;
import dev.cairn.store.StartValue;
import dev.cairn.store.StoreSnapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The committed log of one moment, with the register values that belong to its positions. */
final class CommittedLog implements LogSnapshot {
  private final String epoch;
  private final Map<RegisterId, StartValue> startValues;
  private final Set<RegisterId> owned;
  private final StoreSnapshot files;
  private final KnownPoints known;

  CommittedLog(
      String epoch,
      Map<RegisterId, StartValue> startValues,
      Set<RegisterId> owned,
      StoreSnapshot files,
      KnownPoints known) {
    this.epoch = epoch;
    this.startValues = startValues;
    this.owned = owned;
    this.files = files;
    this.known = known;
  }

  @Override
  public String epoch() {
    return epoch;
  }

  @Override
  public long endPosition() {
    return files.endPosition();
  }

  @Override
  public long endOffset() {
    return files.endOffset();
  }

  @Override
  public long offsetOf(long position) throws IOException {
    return files.offsetOf(position);
  }

  @Override
  public List<LogSlice> slices(long from, long to) throws IOException {
    List<LogSlice> slices = new ArrayList<>();
    for (SegmentSlice slice : files.slices(from, to)) {
      slices.add(new LogSlice(slice.channel(), slice.offset(), slice.length()));
    }
    return slices;
  }

  @Override
  public EventReader read(long position) throws IOException {
    return files.read(position);
  }

  @Override
  public Map<RegisterId, DigestSet> valuesBefore(long position) throws IOException {
    Map<RegisterId, DigestSet> values = position == 0 ? values(startValues) : replayed(position);
    values.keySet().retainAll(owned);
    return values;
  }

  private Map<RegisterId, DigestSet> replayed(long position) throws IOException {
    Map<RegisterId, LogReplay.Point> points = known.find(position);
    if (points == null) {
      points = replayTo(position).points();
      known.remember(position, points);
    }
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    points.forEach((id, point) -> values.put(id, point.value()));
    return values;
  }

  /** Replays from the last checkpoint to {@code position}. */
  private LogReplay replayTo(long position) throws IOException {
    if (position < 0 || position > endPosition()) {
      throw new IndexOutOfBoundsException(
          "position " + position + ": the log ends at " + endPosition());
    }
    long at = 0;
    LogReplay replay = LogReplay.fromStart(values(startValues));
    var checkpoint = files.lastCheckpoint(position);
    if (checkpoint.isPresent()) {
      Optional<Map<RegisterId, LogReplay.Point>> points =
          CheckpointPayload.decode(checkpoint.get().payload());
      if (points.isPresent()) {
        at = checkpoint.get().position();
        replay = new LogReplay(points.get());
      }
    }
    if (at == position) {
      return replay;
    }
    try (EventReader reader = read(at)) {
      for (; at < position; at++) {
        EventRecord record = reader.next();
        if (record == null) {
          throw new IOException(
              "the log ends at record " + at + ", committed are " + endPosition());
        }
        replay.next(record);
      }
    }
    return replay;
  }

  static Map<RegisterId, DigestSet> values(Map<RegisterId, StartValue> startValues) {
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    startValues.forEach((id, start) -> values.put(id, start.value()));
    return values;
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
