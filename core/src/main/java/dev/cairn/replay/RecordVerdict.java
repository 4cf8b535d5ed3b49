package dev.cairn.replay;

import dev.cairn.measure.HashAlgorithm;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the digests of one record are those of its content.
 *
 * @param outcome the worst of its banks
 * @param rule which bytes reproduce the digests; null where none do
 * @param mismatched the banks whose digest is wrong; empty unless {@link Outcome#MISMATCH}
 * @param reason why not reproduced, for people; empty where it is
 */
public record RecordVerdict(
    Outcome outcome, @Nullable Rule rule, Set<HashAlgorithm> mismatched, String reason) {
  /** What can be said. */
  public enum Outcome {
    /** Every digest is reproduced from the content. */
    REPRODUCED,
    /** The digests cover bytes that are not in the log, as those of images and tables do. */
    NOT_REPRODUCIBLE,
    /** The record extends nothing. */
    NOT_MEASURED,
    /** The record has no digest of a known bank. */
    NO_DIGEST,
    /** At least one digest is wrong. */
    MISMATCH
  }

  /** Copies the set. */
  public RecordVerdict {
    mismatched = Set.copyOf(mismatched);
  }

  static RecordVerdict reproduced(Rule rule) {
    return new RecordVerdict(Outcome.REPRODUCED, rule, Set.of(), "");
  }

  static RecordVerdict notReproducible(String reason) {
    return new RecordVerdict(Outcome.NOT_REPRODUCIBLE, null, Set.of(), reason);
  }

  static RecordVerdict mismatch(@Nullable Rule rule, Set<HashAlgorithm> banks, String reason) {
    return new RecordVerdict(Outcome.MISMATCH, rule, banks, reason);
  }
}
