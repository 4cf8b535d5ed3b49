package dev.cairn.service;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.GapEvent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.StartValueEvent;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Replays Cairn's own log, as it stands on disk: stricter than the replay of foreign logs, for
 * nothing in it may be missing. Memory: one entry per register. For one thread.
 */
final class LogReplay {
  /**
   * What the log says about one register up to some position.
   *
   * @param value what it replays to
   * @param nextRecnum the number of its next record
   * @param gaps how many unexplained values were met
   */
  record Point(DigestSet value, long nextRecnum, long gaps) {}

  private final Map<RegisterId, Point> points = new TreeMap<>();
  private final Hasher hasher = new Hasher();

  /** Begins with {@code points}, which are copied. */
  LogReplay(Map<RegisterId, Point> points) {
    this.points.putAll(points);
  }

  /** Begins where the registers' life began. */
  static LogReplay fromStart(Map<RegisterId, DigestSet> startValues) {
    Map<RegisterId, Point> points = new TreeMap<>();
    startValues.forEach((id, value) -> points.put(id, new Point(value, 0, 0)));
    return new LogReplay(points);
  }

  /**
   * Takes the next record.
   *
   * @return what its register holds behind it
   * @throws IOException if it cannot follow what came before: wrong number, banks or register
   */
  DigestSet next(EventRecord record) throws IOException {
    Point before = points.get(record.register());
    if (before == null) {
      throw new IOException(
          record.register() + ": the log has a record of it, the backend no such register");
    }
    if (record.recnum() != before.nextRecnum()) {
      throw new IOException(
          "%s: record %d follows record %d"
              .formatted(record.register(), record.recnum(), before.nextRecnum() - 1));
    }
    Point after = follow(before, record);
    points.put(record.register(), after);
    return after.value();
  }

  private Point follow(Point before, EventRecord record) throws IOException {
    long recnum = before.nextRecnum() + 1;
    if (record.content().measured()) {
      try {
        return new Point(hasher.extend(before.value(), record.digests()), recnum, before.gaps());
      } catch (IllegalArgumentException e) {
        throw new IOException(
            record.register() + ": record " + record.recnum() + ": " + e.getMessage(), e);
      }
    }
    if (record.content() instanceof PcClientEvent event) {
      Optional<GapEvent> gap = GapEvent.parse(event);
      if (gap.isPresent()) {
        return new Point(gap.get().observed(), recnum, before.gaps() + 1);
      }
      Optional<StartValueEvent> start = StartValueEvent.parse(event);
      if (start.isPresent()) {
        return new Point(start.get().value(), recnum, before.gaps());
      }
    }
    return new Point(before.value(), recnum, before.gaps());
  }

  /** Returns where {@code register} stands, or null for one that the backend has not. */
  @Nullable Point at(RegisterId register) {
    return points.get(register);
  }

  /** Returns where all registers stand, as a copy. */
  Map<RegisterId, Point> points() {
    return new TreeMap<>(points);
  }

  /** Returns what all registers hold, as a copy. */
  Map<RegisterId, DigestSet> values() {
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    points.forEach((id, point) -> values.put(id, point.value()));
    return values;
  }
}
