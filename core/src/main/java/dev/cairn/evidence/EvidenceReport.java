package dev.cairn.evidence;

import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.VerificationReport;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What evidence is worth.
 *
 * <pre>
 * check          passes if
 * …              those of the quote's verifier: signature, values and what else its kind has
 * signed         hardware signs such quotes, or the user accepts one that nobody signed
 * nonce          the quote is about the nonce that the verifier sent
 * trusted_key    the key is the pinned one; only where one is pinned
 * log            the log is whole and as long as the evidence says
 * records        no record contradicts its own content or its neighbours
 * gaps           the log admits no gap, or the user accepts that
 * registers      every required register is quoted and holds what the logs replay to
 * </pre>
 *
 * <p>The last four are there only if all before them passed: a quote that is not good proves no
 * values to compare with.
 *
 * @param quote what the quote's verifier found
 * @param checks all checks, in order
 * @param notes what is not proven, and what else a person should know
 * @param required registers that have to be explained
 * @param notExplained quoted registers whose value no log leads to, required or not
 * @param logs the comparison of logs and quoted values; nothing if the quote is not good
 */
public record EvidenceReport(
    QuoteVerdict quote,
    List<Check> checks,
    List<String> notes,
    SortedSet<RegisterId> required,
    SortedSet<RegisterId> notExplained,
    Optional<VerificationReport> logs) {
  /** Copies the collections. */
  public EvidenceReport {
    checks = List.copyOf(checks);
    notes = List.copyOf(notes);
    required = Collections.unmodifiableSortedSet(new TreeSet<>(required));
    notExplained = Collections.unmodifiableSortedSet(new TreeSet<>(notExplained));
  }

  /** Returns whether the quote is good and the logs explain every required register. */
  public boolean ok() {
    return logs.isPresent() && checks.stream().allMatch(Check::passed);
  }
}
