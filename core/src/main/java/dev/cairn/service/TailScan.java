package dev.cairn.service;

import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds how many records of the log's unconfirmed tail were really extended, from nothing but the
 * values that the registers hold now. In constant memory, however long the tail.
 *
 * <p>Extends are sent in log order, so the executed records are a prefix of the tail. For each
 * register the value observed fits after exactly one of its records (hashes do not collide), and so
 * for a run of cut positions, from behind that record to its next one. The cut lies in all runs. A
 * register that no run fits, or whose run ends before the others begin, was changed by somebody
 * else.
 */
final class TailScan {
  private final Map<RegisterId, Run> runs = new TreeMap<>();
  private final long start;
  private long end;

  /**
   * Begins at {@code start} with what the log replays to there.
   *
   * @param replayed per register that is to be explained
   * @param observed what the same registers hold now
   */
  TailScan(long start, Map<RegisterId, DigestSet> replayed, Map<RegisterId, DigestSet> observed) {
    this.start = start;
    this.end = start;
    observed.forEach(
        (id, value) -> {
          Run run = new Run(value);
          DigestSet before = replayed.get(id);
          if (before != null && before.equals(value)) {
            run.from = start;
          }
          runs.put(id, run);
        });
  }

  /**
   * Takes the record at the next position.
   *
   * @param after what its register holds if it and all before it were extended
   */
  void next(RegisterId register, DigestSet after) {
    long position = end++;
    Run run = runs.get(register);
    if (run == null) {
      return;
    }
    if (run.fits() && run.until == Run.OPEN) {
      run.until = position;
    }
    if (after.equals(run.observed)) {
      run.from = position + 1;
      run.until = Run.OPEN;
    }
  }

  /**
   * Ends the scan.
   *
   * @param atLeast records before this position are known to have been extended
   */
  Outcome finish(long atLeast) {
    long cut = Math.max(start, atLeast);
    for (Run run : runs.values()) {
      if (run.fits()) {
        cut = Math.max(cut, run.from);
      }
    }
    Set<RegisterId> unexplained = new TreeSet<>();
    for (Map.Entry<RegisterId, Run> entry : runs.entrySet()) {
      Run run = entry.getValue();
      if (!run.fits() || (run.until != Run.OPEN && run.until < cut)) {
        unexplained.add(entry.getKey());
      }
    }
    long limit = end;
    for (Map.Entry<RegisterId, Run> entry : runs.entrySet()) {
      if (!unexplained.contains(entry.getKey())) {
        limit = Math.min(limit, entry.getValue().until);
      }
    }
    return new Outcome(cut, limit, unexplained);
  }

  /**
   * What was found.
   *
   * @param cut records at this position and behind it were not extended, as far as the registers
   *     tell that are explained
   * @param limit up to here the cut may lie as far as those tell; what is known of the others
   *     decides
   * @param unexplained registers whose value the log does not explain
   */
  record Outcome(long cut, long limit, Set<RegisterId> unexplained) {}

  /** The positions at which the log may be cut so that it replays to one register's value. */
  private static final class Run {
    static final long OPEN = Long.MAX_VALUE;
    private static final long NONE = -1;

    final DigestSet observed;
    long from = NONE;
    long until = OPEN;

    Run(DigestSet observed) {
      this.observed = observed;
    }

    boolean fits() {
      return from != NONE;
    }
  }
}
