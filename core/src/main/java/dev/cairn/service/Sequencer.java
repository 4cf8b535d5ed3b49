package dev.cairn.service;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.ExtendException.Reason;
import dev.cairn.store.StorageException;
import dev.cairn.store.StorageFullException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One turn after another: what is waiting becomes durable, then real, then answered.
 *
 * <pre>
 * 1 number and frame all that is waiting
 * 2 one write and one fdatasync: the intent is durable
 * 3 extend, in log order, up to the first that fails
 * 4 read the touched registers back: the register is the judge
 * 5 commit what was extended, answer it; cut what was not, answer or send it again
 * </pre>
 *
 * Where the register does not say what was computed, {@link Settlement} decides what became of the
 * batch. All of this class belongs to the sequencer's thread.
 */
final class Sequencer {
  private static final int MOST_ATTEMPTS = 2;

  private final Tail tail;
  private final MeasurementBackend backend;
  private final RegisterReads reads;
  private final Settlement settlement;
  private final Hasher hasher = new Hasher();

  Sequencer(Tail tail, MeasurementBackend backend, RegisterReads reads, Settlement settlement) {
    this.tail = tail;
    this.backend = backend;
    this.reads = reads;
    this.settlement = settlement;
  }

  /** Answers every one of {@code waiting}, in order. */
  void extend(List<Job.Extend> waiting) {
    List<Job.Extend> batch = waiting;
    while (!batch.isEmpty()) {
      batch = runBatch(admit(batch));
    }
  }

  /** Answers those that cannot be logged now, or were logged before; returns the others. */
  private Admitted admit(List<Job.Extend> waiting) {
    Admitted admitted = new Admitted();
    for (Job.Extend job : waiting) {
      ExtendException refusal = tail.refusal(job.register);
      if (refusal != null) {
        job.fail(refusal);
      } else if (job.key == null || !tail.answeredByKey(job)) {
        admitted.add(job);
      }
    }
    return admitted;
  }

  /** Runs one batch; returns what has to be run again. */
  private List<Job.Extend> runBatch(Admitted admitted) {
    if (admitted.batch.isEmpty()) {
      return admitted.later;
    }
    List<Framed> framed = frame(admitted.batch);
    if (!append(framed)) {
      return admitted.later;
    }
    Sent sent = extendInLogOrder(framed);
    List<Job.Extend> again =
        sent.problem == null || sent.problem.outcome() == BackendException.Outcome.NOT_EXECUTED
            ? finishKnown(framed, sent)
            : finishByRegisters(framed, sent.count, sent.problem);
    again.addAll(admitted.later);
    return again;
  }

  private List<Framed> frame(List<Job.Extend> batch) {
    Map<RegisterId, LogReplay.Point> running = new HashMap<>();
    List<Framed> framed = new ArrayList<>(batch.size());
    long position = tail.endPosition();
    for (Job.Extend job : batch) {
      LogReplay.Point before = running.get(job.register);
      if (before == null) {
        before = tail.point(job.register);
      }
      DigestSet after = hasher.extend(before.value(), job.digests);
      EventRecord record =
          new EventRecord(before.nextRecnum(), job.register, job.digests, job.event);
      framed.add(new Framed(job, position++, record, after));
      running.put(job.register, new LogReplay.Point(after, before.nextRecnum() + 1, before.gaps()));
    }
    return framed;
  }

  private boolean append(List<Framed> framed) {
    try {
      tail.append(framed);
      return true;
    } catch (StorageFullException e) {
      failAll(framed, Reason.STORAGE_FULL, "the log has no space: free some; " + e.getMessage(), e);
    } catch (UnrepresentableRecordException e) {
      failAll(framed, Reason.BAD_EVENT, "the batch cannot be logged: " + e.getMessage(), e);
    } catch (StorageException e) {
      Reason reason = e.recovered() ? Reason.STORAGE_ERROR : Reason.LOG_FAILED;
      failAll(framed, reason, "the log could not be written: " + e.getMessage(), e);
    }
    return false;
  }

  private Sent extendInLogOrder(List<Framed> framed) {
    for (int i = 0; i < framed.size(); i++) {
      Framed next = framed.get(i);
      try {
        backend.extend(next.record().register(), next.record().digests());
      } catch (BackendException e) {
        return new Sent(i, e);
      }
    }
    return new Sent(framed.size(), null);
  }

  /** All before the problem happened, the problem itself did not: read back, commit, cut. */
  private List<Job.Extend> finishKnown(List<Framed> framed, Sent sent) {
    List<Framed> done = framed.subList(0, sent.count);
    BackendException doubt = readBack(done);
    if (doubt != null) {
      return finishByRegisters(framed, sent.count, doubt);
    }
    tail.commit(done, Set.of());
    if (sent.problem == null) {
      return new ArrayList<>();
    }
    if (!cut(framed, sent.count)) {
      return new ArrayList<>();
    }
    Framed refused = framed.get(sent.count);
    refused
        .job()
        .fail(
            new ExtendException(
                Reason.BACKEND_REFUSED,
                refused.record().register(),
                "the device did not execute the extend: " + sent.problem.getMessage(),
                sent.problem));
    return jobs(framed.subList(sent.count + 1, framed.size()));
  }

  /** Returns what speaks against the computed values, or null if every register has them. */
  private @Nullable BackendException readBack(List<Framed> done) {
    Map<RegisterId, DigestSet> computed = new TreeMap<>();
    for (Framed framed : done) {
      computed.put(framed.record().register(), framed.after());
    }
    for (Map.Entry<RegisterId, DigestSet> entry : computed.entrySet()) {
      try {
        DigestSet observed = backend.read(entry.getKey());
        if (!observed.equals(entry.getValue())) {
          return new BackendException(
              entry.getKey(),
              BackendException.Outcome.UNKNOWN,
              "read back",
              "the register does not hold what the log says",
              null);
        }
      } catch (BackendException e) {
        return e;
      }
    }
    return null;
  }

  /** The registers themselves decide what happened; {@code done} extends are known to have. */
  private List<Job.Extend> finishByRegisters(
      List<Framed> framed, int done, BackendException problem) {
    Set<RegisterId> touched = new TreeSet<>();
    framed.forEach(f -> touched.add(f.record().register()));
    Map<RegisterId, DigestSet> observed;
    try {
      observed = reads.readAll(touched);
    } catch (BackendException e) {
      int mayBeReal = Math.min(framed.size(), done + (done < framed.size() ? 1 : 0));
      holdBack(framed, done, mayBeReal, e);
      return new ArrayList<>();
    }
    Settlement.Outcome outcome = settlement.settle(framed, done, observed);
    List<Framed> rest = framed.subList(outcome.real(), framed.size());
    if (!outcome.works()) {
      failAll(
          rest,
          Reason.LOG_FAILED,
          "the log has failed before this was settled; a restart finds out what happened: "
              + tail.failure(),
          problem);
    }
    refuseUnexplained(framed.subList(0, outcome.real()), outcome.unexplained());
    return outcome.works() ? sendAgain(rest, problem) : new ArrayList<>();
  }

  /** Comes after the change of state: whoever gets this answer can see its reason. */
  private static void refuseUnexplained(List<Framed> happened, Set<RegisterId> unexplained) {
    for (Framed f : happened) {
      RegisterId register = f.record().register();
      if (unexplained.contains(register)) {
        f.job()
            .fail(
                new ExtendException(
                    Reason.REGISTER_DIVERGED,
                    register,
                    "the register holds a value that the log does not explain; the event may be in it"));
      }
    }
  }

  /** Nothing can be decided now: keeps what may be real as the tail, cuts and refuses the rest. */
  private void holdBack(List<Framed> framed, int done, int mayBeReal, BackendException why) {
    if (cut(framed, mayBeReal)) {
      failAll(
          framed.subList(mayBeReal, framed.size()),
          Reason.REGISTER_FAILED,
          "not sent, for the device does not answer: " + why.getMessage(),
          why);
    }
    List<Framed> open = List.copyOf(framed.subList(0, mayBeReal));
    tail.hold(open, framed.get(0).position() + done, why);
    failAll(
        open,
        Reason.REGISTER_FAILED,
        "the device does not answer; the event may be in the register and will then stay in the log: "
            + why.getMessage(),
        why);
  }

  /** The first of {@code rest} was sent and did not happen, the others were never sent. */
  private List<Job.Extend> sendAgain(List<Framed> rest, BackendException problem) {
    List<Job.Extend> again = jobs(rest);
    if (!again.isEmpty() && ++again.get(0).attempts >= MOST_ATTEMPTS) {
      Job.Extend refused = again.remove(0);
      refused.fail(
          new ExtendException(
              Reason.BACKEND_REFUSED,
              refused.register,
              "sent %d times and not executed: %s"
                  .formatted(refused.attempts, problem.getMessage()),
              problem));
    }
    return again;
  }

  /** Cuts the log before record {@code from} of the batch; fails the rest if that fails. */
  private boolean cut(List<Framed> framed, int from) {
    if (from == framed.size()) {
      return true;
    }
    try {
      tail.cut(framed.get(from).position());
      return true;
    } catch (StorageException e) {
      failAll(
          framed.subList(from, framed.size()),
          Reason.LOG_FAILED,
          "refused, and the log could not be cut; a restart does that: " + e.getMessage(),
          e);
      return false;
    }
  }

  private static void failAll(List<Framed> framed, Reason reason, String detail, Exception cause) {
    for (Framed f : framed) {
      f.job().fail(new ExtendException(reason, f.record().register(), detail, cause));
    }
  }

  private static List<Job.Extend> jobs(List<Framed> framed) {
    List<Job.Extend> jobs = new ArrayList<>();
    framed.forEach(f -> jobs.add(f.job()));
    return jobs;
  }

  /**
   * How far the extends of a batch went.
   *
   * @param count how many the device has confirmed
   * @param problem what the next one met, or null if there was none
   */
  private record Sent(int count, @Nullable BackendException problem) {}

  /** A batch, and what has to wait for it: a second event with the same idempotency key. */
  private static final class Admitted {
    final List<Job.Extend> batch = new ArrayList<>();
    final List<Job.Extend> later = new ArrayList<>();
    private final Set<Bytes> hashes = new HashSet<>();

    void add(Job.Extend job) {
      if (job.key != null && !hashes.add(job.key.hash())) {
        later.add(job);
      } else {
        batch.add(job);
      }
    }
  }
}
