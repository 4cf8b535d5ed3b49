package dev.cairn.service;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.foreign.ForeignExtends;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import dev.cairn.store.Checkpoint;
import dev.cairn.store.EpochLog;
import dev.cairn.store.KeyEntry;
import dev.cairn.store.KeyJournal;
import dev.cairn.store.StorageException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes on with the log of an epoch: finds out from the registers how much of its end was extended,
 * takes over what others extended meanwhile, cuts the rest. Reads only what lies behind the last
 * checkpoint; constant memory.
 */
final class Resumption {
  private static final Logger LOG = LoggerFactory.getLogger(Resumption.class);

  /** Between so many of the last records extends of others are looked for: as many as one batch. */
  private static final int MOST_IN_FLIGHT = 1024;

  private final EpochLog log;
  private final ForeignExtends foreign;
  private final long confirmed;
  private final LogReplay replay; // at the committed end

  /** Replays what is confirmed. */
  Resumption(EpochLog log, ForeignExtends foreign) throws IOException {
    this.log = log;
    this.foreign = foreign;
    Start start = startOf(log);
    this.replay = new LogReplay(start.points);
    this.confirmed = Math.max(log.confirmedPosition(), start.position);
    replayUpTo(start.position, confirmed);
  }

  /** Returns where the registers stand in what is confirmed or, after {@link #run}, committed. */
  LogReplay replay() {
    return replay;
  }

  /**
   * What was done.
   *
   * @param foreign so many extends of others were taken over
   * @param unexplained registers that nothing explains, with what was tried
   */
  record Done(int foreign, Map<RegisterId, String> unexplained) {}

  /**
   * Commits what the registers show.
   *
   * @param observed what those hold that are to be explained
   */
  Done run(Map<RegisterId, DigestSet> observed) throws IOException {
    TailScan scan = new TailScan(confirmed, replay.values(), observed);
    readTail(new LogReplay(replay.points()), scan);
    TailScan.Outcome outcome = scan.finish(confirmed);
    Map<RegisterId, String> why = new TreeMap<>();
    if (!outcome.unexplained().isEmpty()) {
      log.cutTornTail(); // refuses if the bytes may be damage, which would explain it
      outcome.unexplained().forEach(register -> why.put(register, ""));
      Window window = window();
      if (window.start <= outcome.limit()) {
        ForeignPlan plan = window.plan(foreign, observed, outcome);
        why.putAll(plan.unexplained());
        if (plan.foreign() > 0 && adopt(plan, window.start)) {
          commit(window.start + plan.entries().size());
          return new Done(plan.foreign(), plan.unexplained());
        }
      }
    }
    long unextended = log.endPosition() - outcome.cut();
    if (unextended > 0) {
      LOG.info("{} records at the end were never extended and are cut", unextended);
    }
    log.truncate(outcome.cut());
    commit(outcome.cut());
    return new Done(0, why);
  }

  private void commit(long position) throws IOException {
    replayUpTo(confirmed, position);
    log.commit(position);
  }

  /** Reads up to the last whole record; what may lie behind it was never extended. */
  private void readTail(LogReplay ahead, TailScan scan) throws IOException {
    try (EventReader reader = log.readTail(confirmed)) {
      for (EventRecord record = reader.next(); record != null; record = reader.next()) {
        scan.next(record.register(), ahead.next(record));
      }
    } catch (MalformedLogException e) {
      LOG.info("the log ends in a torn record, which is cut: {}", e.getMessage());
    }
  }

  /**
   * The last records, and where the log before them leaves the registers. An unmeasured record was
   * written when everything before it was settled.
   */
  private record Window(long start, List<EventRecord> records, LogReplay before) {
    ForeignPlan plan(
        ForeignExtends foreign, Map<RegisterId, DigestSet> observed, TailScan.Outcome outcome) {
      TailScan.Outcome inside =
          new TailScan.Outcome(
              Math.max(start, outcome.cut()), outcome.limit(), outcome.unexplained());
      return ForeignPlan.make(foreign, start, records, before.points(), observed, inside);
    }
  }

  private Window window() throws IOException {
    LogReplay before = new LogReplay(replay.points());
    Deque<EventRecord> last = new ArrayDeque<>();
    try (EventReader reader = log.readTail(confirmed)) {
      for (EventRecord next = reader.next(); next != null; next = reader.next()) {
        last.add(next);
        while (!last.isEmpty()
            && (last.size() > MOST_IN_FLIGHT || !last.getLast().content().measured())) {
          before.next(last.remove());
        }
      }
    }
    return new Window(log.endPosition() - last.size(), List.copyOf(last), before);
  }

  /** Returns false if the log could not take it and is as before. */
  private boolean adopt(ForeignPlan plan, long start) throws IOException {
    int first = plan.unchanged();
    try {
      if (start + first == plan.cut()) {
        log.truncate(plan.cut());
        log.append(plan.records(first));
      } else {
        try (KeyJournal keys = log.openKeys(log.endPosition())) {
          List<KeyEntry> moved = moved(keys.from(start + first), plan, start);
          log.replaceTail(start + first, plan.records(first), keys, moved);
        }
      }
      return true;
    } catch (StorageException e) {
      if (!e.recovered()) {
        throw e;
      }
      LOG.error("extends of others cannot be taken over: {}", e.getMessage());
      return false;
    } catch (UnrepresentableRecordException e) {
      throw new IllegalStateException(e); // such a record fits, and ours were in the log
    }
  }

  /** Returns the keys of records that stay, at their new positions. */
  private static List<KeyEntry> moved(List<KeyEntry> keys, ForeignPlan plan, long start) {
    Map<Long, Long> positions = new HashMap<>();
    for (int i = 0; i < plan.entries().size(); i++) {
      positions.put(start + plan.entries().get(i).own(), start + i);
    }
    List<KeyEntry> moved = new ArrayList<>();
    for (KeyEntry key : keys) {
      Long position = positions.get(key.position());
      if (position != null) {
        moved.add(new KeyEntry(position, key.epochMillis(), key.keyHash(), key.requestHash()));
      }
    }
    return moved;
  }

  /** Where the replay can begin: the newest checkpoint that is not ahead of what is confirmed. */
  private static Start startOf(EpochLog log) throws IOException {
    Optional<Checkpoint> checkpoint = log.lastCheckpoint(log.confirmedPosition());
    if (checkpoint.isPresent()) {
      Optional<Map<RegisterId, LogReplay.Point>> points =
          CheckpointPayload.decode(checkpoint.get().payload());
      if (points.isPresent()) {
        return new Start(checkpoint.get().position(), points.get());
      }
    }
    LogReplay fromStart = LogReplay.fromStart(CommittedLog.values(log.header().startValues()));
    return new Start(0, fromStart.points());
  }

  private record Start(long position, Map<RegisterId, LogReplay.Point> points) {}

  private void replayUpTo(long from, long to) throws IOException {
    if (from >= to) {
      return;
    }
    try (EventReader reader = log.readTail(from)) {
      for (long position = from; position < to; position++) {
        EventRecord record = reader.next();
        if (record == null) {
          throw new IOException(
              "the log ends at record %d, confirmed are %d: the file was cut by somebody else"
                  .formatted(position, to));
        }
        replay.next(record);
      }
    }
  }
}
