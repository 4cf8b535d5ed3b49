package dev.cairn.replay;

import dev.cairn.measure.RegisterId;
import java.util.List;
import java.util.Set;

/**
 * What a comparison of logs with register values showed.
 *
 * @param ok whether every given value is what the logs replay to, and nothing is wrong with them
 * @param comparisons one for each given value, ascending by register and bank
 * @param divergences an explanation for each register that differs, as far as one was found
 * @param notCompared registers that records extend and that no value was given for: nothing vouches
 *     for those records
 * @param replay what the logs replay to, with verdicts, findings, gaps and damage
 */
public record VerificationReport(
    boolean ok,
    List<RegisterComparison> comparisons,
    List<Divergence> divergences,
    Set<RegisterId> notCompared,
    Replay replay) {
  /** Copies the collections. */
  public VerificationReport {
    comparisons = List.copyOf(comparisons);
    divergences = List.copyOf(divergences);
    notCompared = Set.copyOf(notCompared);
  }
}
