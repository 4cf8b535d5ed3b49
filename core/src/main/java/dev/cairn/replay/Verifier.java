package dev.cairn.replay;

import dev.cairn.eventlog.Limits;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares logs with register values. One pass over the logs; where a register differs and no
 * record has been found wrong, a second one looks for the record that is to blame.
 */
public final class Verifier {
  private final List<LogSource> logs;
  private final RegisterValues expected;
  private final VerifyOptions options;
  private final Limits limits;

  private Verifier(
      List<LogSource> logs, RegisterValues expected, VerifyOptions options, Limits limits) {
    this.logs = List.copyOf(logs);
    this.expected = expected;
    this.options = options;
    this.limits = limits;
  }

  /**
   * Replays {@code logs} in their order as one history and compares.
   *
   * @param expected at least one value; see {@link RegisterValues#read}
   * @throws IOException if a log cannot be opened or read; damage is no exception but part of the
   *     report
   * @throws IllegalArgumentException if no value is given: comparing nothing must not look like
   *     agreement
   */
  public static VerificationReport verify(
      List<LogSource> logs, RegisterValues expected, VerifyOptions options, Limits limits)
      throws IOException {
    if (expected.isEmpty()) {
      throw new IllegalArgumentException("no register value to compare with");
    }
    return new Verifier(logs, expected, options, limits).verify();
  }

  private VerificationReport verify() throws IOException {
    Replayer replayer = replayer(Set.of());
    replayer.readAll(logs);
    Replay replay = replayer.result();
    Map<RegisterId, List<RegisterComparison>> comparisons = compare(replayer);
    List<Divergence> divergences = explain(comparisons, replayer, replay);
    List<RegisterComparison> all = new ArrayList<>();
    comparisons.values().forEach(all::addAll);
    boolean ok =
        all.stream().allMatch(RegisterComparison::passes)
            && replay.findingCount() == 0
            && replay.complete()
            && (options.allowGaps() || !hasGap(replay));
    return new VerificationReport(ok, all, divergences, notCompared(replayer), replay);
  }

  private Replayer replayer(Set<RegisterId> remembered) {
    return new Replayer(limits, new Derivation(expected.banks(), true), expected, remembered);
  }

  private Map<RegisterId, List<RegisterComparison>> compare(Replayer replayer) {
    Map<RegisterId, List<RegisterComparison>> result = new TreeMap<>();
    for (Map.Entry<RegisterId, DigestSet> given : expected.asMap().entrySet()) {
      Comparer comparer =
          new Comparer(given.getKey(), replayer.find(given.getKey()), options.allowTail());
      result.put(given.getKey(), comparer.compare(given.getValue()));
    }
    return result;
  }

  private List<Divergence> explain(
      Map<RegisterId, List<RegisterComparison>> comparisons, Replayer first, Replay replay)
      throws IOException {
    Explanation explanation = new Explanation(replay.findings());
    List<RegisterId> differing =
        comparisons.keySet().stream()
            .filter(register -> differs(comparisons.getOrDefault(register, List.of())))
            .limit(Explanation.MAX_REGISTERS)
            .toList();
    Set<RegisterId> unexplained = new TreeSet<>(differing);
    unexplained.retainAll(first.extendedRegisters());
    unexplained.removeIf(explanation::isFound);
    Replayer second = first;
    if (!unexplained.isEmpty()) {
      second = replayer(unexplained);
      second.readAll(logs);
    }
    List<Divergence> divergences = new ArrayList<>();
    for (RegisterId register : differing) {
      divergences.add(
          explanation.explain(
              register, comparisons.getOrDefault(register, List.of()), second.find(register)));
    }
    return divergences;
  }

  private static boolean differs(List<RegisterComparison> comparisons) {
    return comparisons.stream().anyMatch(c -> c.status() == RegisterComparison.Status.MISMATCH);
  }

  private boolean hasGap(Replay replay) {
    return replay.unproven().entrySet().stream()
        .anyMatch(
            entry ->
                entry.getValue().cause() == Unproven.Cause.GAP
                    && expected.asMap().containsKey(entry.getKey()));
  }

  private Set<RegisterId> notCompared(Replayer replayer) {
    Set<RegisterId> result = new TreeSet<>(replayer.extendedRegisters());
    result.removeAll(expected.asMap().keySet());
    return result;
  }
}
