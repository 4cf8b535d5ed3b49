package dev.cairn.replay;

import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import org.jspecify.annotations.Nullable;

/**
 * A given register value beside the one that the log replays to, in one bank.
 *
 * @param register which register
 * @param expected the given value; its algorithm is the bank
 * @param replayed what the log replays to; null where it cannot be replayed
 * @param status what that means
 * @param rule for a bank that was derived from IMA entries of another bank, the rule that matched
 * @param detail what to know about it, for people; empty where there is nothing
 */
public record RegisterComparison(
    RegisterId register,
    Digest expected,
    @Nullable Digest replayed,
    Status status,
    @Nullable Rule rule,
    String detail) {
  /** Outcomes. */
  public enum Status {
    /** The log replays to the given value. */
    MATCH,
    /** The register holds the value after an earlier record, and that was allowed. */
    MATCH_BEFORE_END,
    /** It does not. */
    MISMATCH,
    /** The log does not say what was extended into this bank. */
    NOT_COVERED,
    /** The register cannot be extended, so no log is about it; does not count. */
    NOT_EXTENDABLE
  }

  /** Returns the bank. */
  public HashAlgorithm bank() {
    return expected.algorithm();
  }

  /** Returns whether a verification can pass with it. */
  public boolean passes() {
    return status != Status.MISMATCH && status != Status.NOT_COVERED;
  }
}
