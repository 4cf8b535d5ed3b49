package dev.cairn.service;

import dev.cairn.eventlog.ForeignEvent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.foreign.ForeignExtends;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import dev.cairn.store.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the end of the log to what registers show that do not hold what was computed:
 *
 * <pre>
 * 1 ours alone explain it: those that happened are committed, the others cut
 * 2 the logs of others explain the rest: their extends are taken over, at their places
 * 3 nothing explains it: a gap record says so, and the register becomes DIVERGED
 * </pre>
 *
 * Sequencer's thread.
 */
final class Settlement {
  private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

  private final Tail tail;
  private final RegisterReads reads;
  private final ForeignExtends foreign;

  Settlement(Tail tail, RegisterReads reads, ForeignExtends foreign) {
    this.tail = tail;
    this.reads = reads;
    this.foreign = foreign;
  }

  /**
   * What became of a batch.
   *
   * @param real so many of its records happened, the first ones; they are committed
   * @param unexplained registers that nothing explains; callers of their records are not answered
   * @param works false if the log has failed: what is behind {@code real} could not be cut
   */
  record Outcome(int real, Set<RegisterId> unexplained, boolean works) {}

  /**
   * Settles the uncommitted end of the log. Answers the callers of those that happened, but for
   * those on registers that nothing explains.
   *
   * @param framed the end of the log; may be empty
   * @param done so many of them have happened for sure
   * @param observed what registers hold, at least those of {@code framed}
   */
  Outcome settle(List<Framed> framed, int done, Map<RegisterId, DigestSet> observed) {
    long start = framed.isEmpty() ? tail.endPosition() : framed.get(0).position();
    TailScan scan = new TailScan(start, tail.values(observed.keySet()), observed);
    framed.forEach(f -> scan.next(f.record().register(), f.after()));
    TailScan.Outcome outcome = scan.finish(start + done);
    if (outcome.unexplained().isEmpty()) {
      return alone(framed, outcome.cut(), Map.of(), observed);
    }
    Map<RegisterId, String> why = new TreeMap<>();
    for (RegisterId register : outcome.unexplained()) {
      why.put(register, "");
    }
    ForeignPlan plan = plan(framed, start, observed, outcome);
    why.putAll(plan.unexplained());
    if (plan.foreign() == 0) {
      return alone(framed, plan.cut(), why, observed);
    }
    return switch (tail.adopt(plan, start, framed)) {
      case DONE -> {
        tell(plan);
        diverge(plan.unexplained(), observed);
        yield new Outcome((int) (plan.cut() - start), plan.unexplained().keySet(), true);
      }
      case NOT_DONE -> {
        why.replaceAll((id, reason) -> reason.isEmpty() ? "explained, but not logged" : reason);
        yield alone(framed, outcome.cut(), why, observed);
      }
      case FAILED -> new Outcome(0, Set.of(), false);
    };
  }

  /** Asks the logs of others; not about a register that was reset, for which extends cannot. */
  private ForeignPlan plan(
      List<Framed> framed,
      long start,
      Map<RegisterId, DigestSet> observed,
      TailScan.Outcome outcome) {
    Map<RegisterId, LogReplay.Point> before = new TreeMap<>();
    tail.tracks().forEach(track -> before.put(track.id(), track.point()));
    Set<RegisterId> asked = new TreeSet<>(outcome.unexplained());
    asked.removeIf(id -> isReset(id, observed));
    return ForeignPlan.make(
        foreign,
        start,
        framed.stream().map(Framed::record).toList(),
        before,
        observed,
        new TailScan.Outcome(outcome.cut(), outcome.limit(), asked));
  }

  private boolean isReset(RegisterId register, Map<RegisterId, DigestSet> observed) {
    return tail.track(register)
        .descriptor
        .resetValue()
        .equals(observed.getOrDefault(register, DigestSet.EMPTY));
  }

  private Outcome alone(
      List<Framed> framed,
      long cut,
      Map<RegisterId, String> why,
      Map<RegisterId, DigestSet> observed) {
    int real = framed.isEmpty() ? 0 : (int) (cut - framed.get(0).position());
    tail.commit(framed.subList(0, real), why.keySet());
    boolean works = true;
    if (real < framed.size()) {
      try {
        tail.cut(framed.get(real).position());
      } catch (StorageException e) {
        LOG.error("the log could not be cut: {}", e.getMessage());
        works = false;
      }
    }
    if (works) {
      diverge(why, observed);
    }
    return new Outcome(real, why.keySet(), works);
  }

  private void diverge(Map<RegisterId, String> why, Map<RegisterId, DigestSet> observed) {
    why.forEach(
        (register, reason) -> {
          DigestSet value = observed.get(register);
          if (value != null) {
            String cause = isReset(register, observed) ? "reset" : "changed by somebody else";
            tail.diverge(register, value, reason.isEmpty() ? cause : cause + " (" + reason + ")");
          }
        });
  }

  /** Says for people what was taken over. */
  private static void tell(ForeignPlan plan) {
    Map<RegisterId, List<ForeignEvent>> byRegister = new TreeMap<>();
    for (ForeignPlan.Entry entry : plan.entries()) {
      if (entry.own() == ForeignPlan.FOREIGN
          && entry.record().content() instanceof PcClientEvent event) {
        ForeignEvent.parse(event)
            .ifPresent(
                foreign ->
                    byRegister
                        .computeIfAbsent(entry.record().register(), id -> new ArrayList<>())
                        .add(foreign));
      }
    }
    byRegister.forEach(
        (register, events) ->
            LOG.warn(
                "{}: somebody else extended it; {} records of {} explain it and are in the log now",
                register,
                events.size(),
                events.stream().map(ForeignEvent::keeper).distinct().toList()));
  }

  /**
   * Looks at one register between two batches. Nothing happens while records are held: their
   * register decides first.
   */
  void notice(RegisterId register, DigestSet observed) {
    if (!tail.isHolding()) {
      settle(List.of(), 0, Map.of(register, observed));
    }
  }

  /** Tries to find out what became of the records that are held. */
  void settleHeld() {
    Held open = tail.held();
    if (open == null || tail.failure() != null) {
      return;
    }
    Map<RegisterId, DigestSet> observed;
    try {
      observed = reads.readAll(open.registers());
    } catch (BackendException e) {
      return; // the reason stays the first one; the next turn tries again
    }
    int done = (int) (open.atLeast() - open.start());
    Outcome outcome = settle(open.records(), done, observed); // callers were answered long ago
    if (!outcome.works()) {
      return;
    }
    tail.release();
    LOG.info(
        "the device answers again: {} of {} open records happened",
        outcome.real(),
        open.records().size());
    for (RegisterId register : observed.keySet()) {
      RegisterTrack track = tail.track(register);
      if (track.state() == RegisterState.FAILED) {
        track.become(RegisterState.OK, null);
      }
    }
  }
}
