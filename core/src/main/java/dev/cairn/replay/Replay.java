package dev.cairn.replay;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What logs replay to.
 *
 * @param format of the first log; nothing if there was none
 * @param values of the registers that a record extends, in the banks that can be replayed
 * @param derived those of the values that no record shows: computed from IMA entries of another
 *     bank, by the rule of current kernels
 * @param uncovered banks of those registers that cannot be replayed to the end, and why; where no
 *     later record has the bank again, {@code values} has what it was before that record
 * @param unproven registers whose replay begins at a value that the log merely states
 * @param records how many were read, headers and unmeasured ones included
 * @param notExtended how many of them extend nothing
 * @param damage where reading ended before the logs did
 * @param verdicts how many records got which verdict
 * @param findings what is wrong with single records, at most the first 64
 * @param findingCount how many findings there were
 */
public record Replay(
    Optional<LogFormat> format,
    RegisterValues values,
    Map<RegisterId, Set<HashAlgorithm>> derived,
    List<Uncovered> uncovered,
    Map<RegisterId, Unproven> unproven,
    long records,
    long notExtended,
    Optional<LogDamage> damage,
    VerdictCounts verdicts,
    List<Finding> findings,
    long findingCount) {
  /** Copies the collections. */
  public Replay {
    derived = Map.copyOf(derived);
    uncovered = List.copyOf(uncovered);
    unproven = Map.copyOf(unproven);
    findings = List.copyOf(findings);
  }

  /**
   * A bank of a register that cannot be replayed.
   *
   * @param record the first record that has no digest of that bank
   */
  public record Uncovered(RegisterId register, HashAlgorithm bank, RecordRef record) {}

  /** Returns whether all logs were read to their ends. */
  public boolean complete() {
    return damage.isEmpty();
  }
}
