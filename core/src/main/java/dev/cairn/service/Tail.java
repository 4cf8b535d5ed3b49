package dev.cairn.service;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.GapEvent;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.ExtendException.Reason;
import dev.cairn.store.EpochLog;
import dev.cairn.store.StorageException;
import dev.cairn.store.StorageFullException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the log together with what it says about every register: the state that the sequencer
 * works on.
 *
 * <p>Usually everything appended is committed when a batch ends. While a device does not answer,
 * the records whose fate is open are <em>held</em>: on disk, not served, not followed by others,
 * until the registers can be read.
 */
final class Tail implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Tail.class);

  // sequencer's thread
  private final EpochLog log;
  private final Receipts receipts;
  private final MeasuredLogOptions options;
  private final Map<RegisterId, RegisterTrack> tracks; // never changed, only what is in it
  private @Nullable Held held;
  private long lastCheckpoint;

  // written by the sequencer's thread, read by any
  private volatile @Nullable String failure;
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong batches = new AtomicLong();
  private final AtomicLong foreign = new AtomicLong();

  Tail(
      EpochLog log,
      Receipts receipts,
      MeasuredLogOptions options,
      Map<RegisterId, RegisterTrack> tracks) {
    this.log = log;
    this.receipts = receipts;
    this.options = options;
    this.tracks = tracks;
    this.lastCheckpoint = log.committedPosition();
  }

  /** Returns why nothing can be logged on {@code register} now, or null if something can. */
  @Nullable ExtendException refusal(RegisterId register) {
    String lost = failure;
    if (lost != null) {
      return new ExtendException(
          Reason.LOG_FAILED, register, "the log has failed, restart the daemon: " + lost);
    }
    RegisterTrack track = track(register);
    if (track.state() == RegisterState.DIVERGED) {
      return new ExtendException(Reason.REGISTER_DIVERGED, register, reasonOf(track));
    }
    Held open = held;
    if (open != null) {
      return new ExtendException(
          Reason.REGISTER_FAILED,
          register,
          "the device does not answer: " + open.why().getMessage());
    }
    return null;
  }

  private static String reasonOf(RegisterTrack track) {
    String reason = track.reason();
    return reason == null ? track.state().toString() : reason;
  }

  /** Answers {@code job} if its key is known; false if it is not. */
  boolean answeredByKey(Job.Extend job) {
    return receipts.answer(job);
  }

  long endPosition() {
    return log.endPosition();
  }

  LogReplay.Point point(RegisterId register) {
    return track(register).point();
  }

  /** Returns what the committed log replays to. */
  Map<RegisterId, DigestSet> values(Collection<RegisterId> registers) {
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    registers.forEach(id -> values.put(id, track(id).point().value()));
    return values;
  }

  RegisterTrack track(RegisterId register) {
    RegisterTrack track = tracks.get(register);
    if (track == null) {
      throw new IllegalArgumentException(register + ": the backend has no such register");
    }
    return track;
  }

  Collection<RegisterTrack> tracks() {
    return tracks.values();
  }

  /**
   * Makes the intent durable, keys first: a key without a record is dropped at the next start, a
   * record without its key would be extended twice.
   *
   * @throws StorageFullException if there is no space; the log is as before
   * @throws StorageException if the log could not be written
   * @throws UnrepresentableRecordException if CEL-TLV cannot say one of the events
   */
  void append(List<Framed> framed) throws StorageException, UnrepresentableRecordException {
    try {
      receipts.remember(framed);
      List<EventRecord> records = new ArrayList<>(framed.size());
      framed.forEach(f -> records.add(f.record()));
      log.append(records);
    } catch (StorageException e) {
      undo(framed.get(0).position(), e);
      throw e;
    }
  }

  private void undo(long position, StorageException cause) {
    try {
      receipts.forget(position);
    } catch (StorageException e) {
      cause.addSuppressed(e);
      fail(e);
    }
    if (!cause.recovered()) {
      fail(cause);
    }
  }

  /**
   * Publishes and answers {@code done}. Those on {@code unexplained} registers stay in the log; the
   * caller answers them, when the registers' state is known.
   */
  void commit(List<Framed> done, Set<RegisterId> unexplained) {
    if (done.isEmpty()) {
      return;
    }
    for (Framed f : done) {
      RegisterTrack track = track(f.record().register());
      LogReplay.Point before = track.point();
      track.settle(new LogReplay.Point(f.after(), before.nextRecnum() + 1, before.gaps()));
    }
    publishAndAnswer(done, done.get(done.size() - 1).position() + 1, unexplained);
  }

  private void publishAndAnswer(List<Framed> done, long end, Set<RegisterId> unexplained) {
    try {
      publish(end);
    } catch (StorageException e) {
      fail(e);
      for (Framed f : done) {
        f.job()
            .fail(
                new ExtendException(
                    Reason.LOG_FAILED,
                    f.record().register(),
                    "extended, and then: " + e.getMessage(),
                    e));
      }
      return;
    }
    batches.incrementAndGet();
    for (Framed f : done) {
      if (!unexplained.contains(f.record().register())
          && f.job().answer.complete(receipts.receipt(f))) {
        acknowledged.incrementAndGet();
      }
    }
  }

  /**
   * Makes the end of the log what {@code plan} says, publishes it and answers the callers, but for
   * those on registers that stay unexplained.
   *
   * @param framed the end of the log as it is now, nothing of it committed
   * @param start position of the first of them, or the end of the log
   */
  Adoption adopt(ForeignPlan plan, long start, List<Framed> framed) {
    int first = plan.unchanged();
    List<Framed> own = new ArrayList<>();
    for (int i = 0; i < plan.entries().size(); i++) {
      ForeignPlan.Entry entry = plan.entries().get(i);
      if (entry.own() != ForeignPlan.FOREIGN) {
        Job.Extend job = framed.get(entry.own()).job();
        own.add(new Framed(job, start + i, entry.record(), entry.after().value()));
      }
    }
    try {
      if (start + first == plan.cut()) {
        cut(plan.cut());
        log.append(plan.records(first));
      } else {
        receipts.replaceTail(start + first, plan.records(first), own);
      }
    } catch (StorageException e) {
      LOG.error("extends of others cannot be taken over: {}", e.getMessage());
      if (!e.recovered()) {
        fail(e);
      }
      return e.recovered() ? Adoption.NOT_DONE : Adoption.FAILED;
    } catch (UnrepresentableRecordException e) {
      throw new IllegalStateException(e); // such a record fits, and ours were in the log
    }
    for (ForeignPlan.Entry entry : plan.entries()) {
      track(entry.record().register()).settle(entry.after());
    }
    foreign.addAndGet(plan.foreign());
    publishAndAnswer(own, start + plan.entries().size(), plan.unexplained().keySet());
    return failure == null ? Adoption.DONE : Adoption.FAILED;
  }

  private void publish(long position) throws StorageException {
    log.commit(position);
    if (position - lastCheckpoint >= options.checkpointInterval()) {
      checkpoint(position);
    }
  }

  /** Stores what all registers hold at the committed position. */
  void checkpoint(long position) {
    Map<RegisterId, LogReplay.Point> points = new TreeMap<>();
    tracks.forEach((id, track) -> points.put(id, track.point()));
    log.checkpoint(position, CheckpointPayload.encode(points));
    lastCheckpoint = position;
  }

  /**
   * Cuts records from {@code position} on, durably, before anybody is told that they are not there.
   *
   * @throws StorageException if that fails; nothing more can be logged then
   */
  void cut(long position) throws StorageException {
    try {
      log.truncate(position);
      receipts.forget(position);
    } catch (StorageException e) {
      fail(e);
      throw e;
    }
  }

  /**
   * Notes that {@code register} holds {@code observed}, which the log does not explain.
   *
   * @param cause what is known about how that came, for people
   */
  void diverge(RegisterId register, DigestSet observed, String cause) {
    RegisterTrack track = track(register);
    if (track.state() == RegisterState.DIVERGED) {
      return;
    }
    LogReplay.Point before = track.point();
    String reason =
        "%s: the log replays to %s, the register holds %s"
            .formatted(cause, before.value(), observed);
    boolean logged = logGap(track, before, observed);
    if (logged && options.onDivergence() == MeasuredLogOptions.OnDivergence.CONTINUE) {
      LOG.error("{}: {}; continuing from there, as configured", register, reason);
      if (track.state() != RegisterState.OK) {
        track.become(RegisterState.OK, null);
      }
      return;
    }
    LOG.error("{}: {}; refusing extends", register, reason);
    track.become(RegisterState.DIVERGED, reason);
  }

  private boolean logGap(RegisterTrack track, LogReplay.Point before, DigestSet observed) {
    EventRecord gap =
        new EventRecord(
            before.nextRecnum(),
            track.id(),
            DigestSet.filled(track.descriptor.banks(), 0),
            new GapEvent(before.value(), observed).toPcClientEvent());
    try {
      log.append(List.of(gap));
      track.settle(new LogReplay.Point(observed, before.nextRecnum() + 1, before.gaps() + 1));
      publish(log.endPosition());
      return true;
    } catch (StorageException e) {
      LOG.error("{}: the gap could not be logged: {}", track.id(), e.getMessage());
      if (!e.recovered()) {
        fail(e);
      }
    } catch (UnrepresentableRecordException e) {
      throw new IllegalStateException(e); // a gap record always fits
    }
    return false;
  }

  /**
   * Keeps {@code open} until the registers can be read.
   *
   * @param atLeast records before this position are known to have been extended
   */
  void hold(List<Framed> open, long atLeast, BackendException why) {
    held = new Held(open, atLeast, why);
    for (Framed f : open) {
      RegisterTrack track = track(f.record().register());
      if (track.state() == RegisterState.OK) {
        track.become(RegisterState.FAILED, "outcome unknown: " + why.getMessage());
      }
    }
    LOG.error("the device does not answer, {} records are open: {}", open.size(), why.getMessage());
  }

  /** Returns whether records are held, so that {@link Settlement#settleHeld()} has to be tried. */
  boolean isHolding() {
    return held != null;
  }

  /** Returns the records that are held, or null. */
  @Nullable Held held() {
    return held;
  }

  /** Ends the holding: what became of the records is known. */
  void release() {
    held = null;
  }

  private void fail(StorageException e) {
    if (failure == null) {
      failure = e.getMessage();
      LOG.error("the log has failed for good, a restart is needed: {}", e.getMessage());
    }
  }

  /** Makes the next start short. Only where every batch came to its end. */
  void finish() {
    if (failure == null && held == null) {
      checkpoint(log.committedPosition());
    }
  }

  /** Closes keys and log. */
  @Override
  public void close() throws IOException {
    try (log;
        receipts) {
      LOG.debug("closing at record {}", log.committedPosition());
    }
  }

  /** Returns why the log has failed for good, or null. Any thread. */
  @Nullable String failure() {
    return failure;
  }

  /** Returns how many events were acknowledged since the start. Any thread. */
  long acknowledged() {
    return acknowledged.get();
  }

  /** Returns how many extends of others were taken over since the start. Any thread. */
  long foreignRecords() {
    return foreign.get();
  }

  /** Notes that so many extends of others were taken over before the log was served. */
  void countForeign(int records) {
    foreign.addAndGet(records);
  }

  /** Returns how many commits there were since the start. Any thread. */
  long batches() {
    return batches.get();
  }
}
