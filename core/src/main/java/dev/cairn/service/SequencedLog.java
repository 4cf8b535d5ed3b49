package dev.cairn.service;

import dev.cairn.foreign.ForeignExtends;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.ExtendException.Reason;
import dev.cairn.store.EpochLog;
import dev.cairn.store.StartValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The measured log: checks and hashes in the caller's thread, everything else in its own. */
final class SequencedLog implements MeasuredLog {
  private static final Logger LOG = LoggerFactory.getLogger(SequencedLog.class);

  /** So many share the costs of a batch well enough; waiting for more would only take time. */
  private static final int GATHERED_ENOUGH = 16;

  // any thread
  private final MeasuredLogOptions options;
  private final MeasurementBackend backend; // name and description only
  private final EpochLog log; // committed part only
  private final List<ForeignLog> foreignLogs;
  private final Admission admission;
  private final ThreadLocal<Hasher> hashers = ThreadLocal.withInitial(Hasher::new);
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final Map<RegisterId, StartValue> startValues;
  private final Set<RegisterId> owned = new TreeSet<>();
  private final KnownPoints known = new KnownPoints();
  private final Inbox inbox;
  private final Thread thread;
  private final AutoCloseable store;
  private volatile @Nullable String crash;
  private volatile boolean closing;

  // sequencer's thread
  private final Tail tail;
  private final Settlement settlement;
  private final Sequencer sequencer;
  private final Quoting quoting;

  /** Takes over everything it is given. Begins to work at once. */
  SequencedLog(
      MeasuredLogOptions options,
      AutoCloseable store,
      EpochLog log,
      MeasurementBackend backend,
      Tail tail,
      ForeignExtends foreign) {
    this.options = options;
    this.store = store;
    this.log = log;
    this.backend = backend;
    this.foreignLogs = List.copyOf(backend.foreignLogs());
    this.startValues = log.header().startValues();
    this.tail = tail;
    RegisterReads reads = new RegisterReads(backend);
    this.settlement = new Settlement(tail, reads, foreign);
    this.sequencer = new Sequencer(tail, backend, reads, settlement);
    this.quoting = new Quoting(tail, backend, log, settlement);
    this.inbox = new Inbox(options.queueLimit());
    Map<RegisterId, RegisterDescriptor> descriptors = new TreeMap<>();
    for (RegisterTrack track : tail.tracks()) {
      descriptors.put(track.id(), track.descriptor);
      if (track.isOwned()) {
        owned.add(track.id());
      }
    }
    this.admission = new Admission(backend.name(), descriptors, options.maxEventBytes(), hashers);
    this.thread = new Thread(this::run, "cairn-sequencer");
    thread.start();
  }

  @Override
  public CompletableFuture<Receipt> extend(ExtendRequest request) {
    try {
      Job.Extend job =
          new Job.Extend(
              request.register(), request.event(), admission.digests(request), key(request));
      offer(job);
      return job.answer;
    } catch (ExtendException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public CompletableFuture<Preview> preview(ExtendRequest request) {
    try {
      Job.Ask job =
          new Job.Ask(request.register(), admission.digests(request), new CompletableFuture<>());
      offer(job);
      return job.answer();
    } catch (ExtendException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public CompletableFuture<List<RegisterStatus>> registers() {
    Job.Look job = new Job.Look(new CompletableFuture<>());
    try {
      offer(job);
      return job.answer();
    } catch (ExtendException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public CompletableFuture<QuotedLog> quote(QuoteRequest request) {
    Job.Quote job = new Job.Quote(request, new CompletableFuture<>());
    try {
      offer(job);
    } catch (ExtendException e) {
      job.fail(e);
    }
    return job.answer();
  }

  @Override
  public List<ForeignLog> foreignLogs() {
    return foreignLogs;
  }

  private void offer(Job job) throws ExtendException {
    switch (inbox.offer(job)) {
      case ACCEPTED -> {}
      case FULL ->
          throw new ExtendException(
              Reason.QUEUE_FULL, null, options.queueLimit() + " events are waiting: try again");
      case CLOSED -> throw closed();
    }
  }

  private ExtendException closed() {
    String reason = crash;
    return reason == null
        ? new ExtendException(Reason.SHUTTING_DOWN, null, "going down: try again later")
        : new ExtendException(Reason.LOG_FAILED, null, "stopped, restart the daemon: " + reason);
  }

  private Job.@Nullable Key key(ExtendRequest request) {
    Optional<String> key = request.idempotencyKey();
    return key.isEmpty() ? null : Receipts.key(hashers.get(), key.get(), request);
  }

  @Override
  public ServiceStatus status() {
    boolean anyOk = false;
    Map<RegisterId, RegisterState> states = new TreeMap<>();
    for (RegisterTrack track : tail.tracks()) {
      states.put(track.id(), track.state());
      anyOk |= track.descriptor.notExtendable().isEmpty() && track.state() == RegisterState.OK;
    }
    Optional<String> failure = Optional.ofNullable(crash != null ? crash : tail.failure());
    return new ServiceStatus(
        backend.name(),
        backend.description(),
        log.id(),
        log.committedPosition(),
        log.committedOffset(),
        inbox.size(),
        options.queueLimit(),
        tail.acknowledged(),
        tail.batches(),
        tail.foreignRecords(),
        states,
        failure,
        anyOk && failure.isEmpty() && !closing);
  }

  @Override
  public LogSnapshot snapshot() throws IOException {
    return new CommittedLog(log.id(), startValues, owned, log.snapshot(), known);
  }

  @Override
  public AutoCloseable onTurn(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public void close() {
    closing = true;
    inbox.close();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // the accepted events come first
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // sequencer's thread from here on

  private void run() {
    List<Job> jobs = new ArrayList<>();
    try {
      int lastBatch = 0;
      while (inbox.take(jobs, options.batchLimit(), tail.isHolding() ? Inbox.RETRY_NANOS : 0)) {
        if (lastBatch > 1 && jobs.size() < GATHERED_ENOUGH) {
          inbox.gather(jobs, options.batchLimit());
        }
        lastBatch = jobs.size();
        turn(jobs);
        jobs.clear();
      }
      tail.finish();
    } catch (RuntimeException | Error e) {
      // A defect of ours: nothing is known any more, so nothing more is acknowledged. The next
      // start
      // finds out from the registers what happened.
      crash = e.toString();
      LOG.error("the sequencer stopped by a defect; restart the daemon", e);
      ExtendException reason = closed();
      jobs.forEach(job -> job.fail(reason));
      inbox.closeAndDrain().forEach(job -> job.fail(reason));
    } finally {
      release();
    }
  }

  private void turn(List<Job> jobs) {
    settlement.settleHeld();
    List<Job.Extend> extendsWaiting = new ArrayList<>(jobs.size());
    for (Job job : jobs) {
      if (job instanceof Job.Extend extend) {
        extendsWaiting.add(extend);
      }
    }
    sequencer.extend(extendsWaiting);
    for (Job job : jobs) {
      if (job instanceof Job.Ask ask) {
        answer(ask);
      } else if (job instanceof Job.Look look) {
        look.answer().complete(look());
      } else if (job instanceof Job.Quote quote) {
        answer(quote);
      }
    }
    tellListeners();
  }

  private void tellListeners() {
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        LOG.error("a listener failed", e); // its defect is not the log's
      }
    }
  }

  private void answer(Job.Ask ask) {
    ExtendException refusal = tail.refusal(ask.register());
    if (refusal != null) {
      ask.fail(refusal);
      return;
    }
    LogReplay.Point now = tail.point(ask.register());
    DigestSet value = hashers.get().extend(now.value(), ask.digests());
    ask.answer()
        .complete(new Preview(ask.register(), now.nextRecnum(), ask.digests(), value, log.id()));
  }

  private void answer(Job.Quote job) {
    try {
      job.answer().complete(quoting.quote(job.request()));
    } catch (QuoteException e) {
      job.answer().completeExceptionally(e);
    }
  }

  private List<RegisterStatus> look() {
    List<RegisterStatus> result = new ArrayList<>();
    for (RegisterTrack track : tail.tracks()) {
      result.add(look(track));
    }
    return result;
  }

  private RegisterStatus look(RegisterTrack track) {
    Optional<DigestSet> value;
    String unreadable = null;
    try {
      DigestSet observed = backend.read(track.id());
      if (track.state() == RegisterState.OK && !observed.equals(track.point().value())) {
        settlement.notice(track.id(), observed);
      }
      value = Optional.of(observed);
    } catch (BackendException e) {
      value = Optional.empty();
      unreadable = e.getMessage();
    }
    String reason = track.reason() == null ? unreadable : track.reason();
    return new RegisterStatus(
        track.descriptor,
        value,
        track.isOwned() ? Optional.of(track.point().value()) : Optional.empty(),
        track.point().nextRecnum(),
        track.state(),
        Optional.ofNullable(reason),
        originOf(track.id()));
  }

  private String originOf(RegisterId register) {
    StartValue start = startValues.get(register);
    return start == null ? "unknown" : start.origin();
  }

  private void release() {
    for (AutoCloseable part : List.of(tail, store, backend)) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.error("{} could not be closed", part.getClass().getSimpleName(), e);
      }
    }
    tellListeners();
  }
}
