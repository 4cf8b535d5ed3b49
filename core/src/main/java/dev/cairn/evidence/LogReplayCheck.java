package dev.cairn.evidence;

import dev.cairn.eventlog.Limits;
import dev.cairn.evidence.Evidence.ForeignPart;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.LogSource;
import dev.cairn.replay.RegisterComparison;
import dev.cairn.replay.RegisterComparison.Status;
import dev.cairn.replay.RegisterValues;
import dev.cairn.replay.Replay;
import dev.cairn.replay.Unproven;
import dev.cairn.replay.VerificationReport;
import dev.cairn.replay.Verifier;
import dev.cairn.replay.VerifyOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Do the logs replay to the proven values? Logs of others come first, as one history with ours:
 * what firmware extended explains the value that our log begins with.
 */
final class LogReplayCheck {
  private final EvidenceOptions options;
  private final Set<RegisterId> claimed; // as explained, by the word of the document
  private final List<WatchedLog> logs = new ArrayList<>();
  private final List<WatchedLog> growing = new ArrayList<>(); // those that may be ahead
  private final List<WatchedLog> binding = new ArrayList<>(); // what they extend, they explain
  private final OptionalLong endPosition; // of the log in binding, where a document says so

  private final List<Check> checks = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final SortedSet<RegisterId> required = new TreeSet<>();
  private final SortedSet<RegisterId> notExplained = new TreeSet<>();

  private LogReplayCheck(
      EvidenceOptions options, Set<RegisterId> claimed, OptionalLong endPosition) {
    this.options = options;
    this.claimed = claimed;
    this.endPosition = endPosition;
  }

  /**
   * Chooses the logs.
   *
   * @throws MalformedEvidenceException unless there is exactly one log for the quote
   */
  static LogReplayCheck of(Evidence evidence, EvidenceOptions options)
      throws MalformedEvidenceException {
    if (evidence.log().isPresent() && options.log().isPresent()) {
      throw new MalformedEvidenceException(
          EvidenceFormat.LOG, "is in the evidence; give no other beside it");
    }
    LogSource own =
        evidence
            .log()
            .or(options::log)
            .orElseThrow(
                () ->
                    new MalformedEvidenceException(
                        EvidenceFormat.LOG,
                        "not in the evidence: give records 0 to %d of epoch %s beside it"
                            .formatted(evidence.endPosition(), evidence.head().epoch())));
    LogReplayCheck check =
        new LogReplayCheck(
            options, evidence.head().explained(), OptionalLong.of(evidence.endPosition()));
    evidence.foreignLogs().forEach(check::add);
    options.foreignLogs().forEach(check::add);
    boolean cut = evidence.log().isEmpty(); // what was fetched later may be longer
    check.bind(new WatchedLog(own, cut ? evidence.endPosition() : Long.MAX_VALUE));
    return check;
  }

  /** Takes the logs beside a quote that came without a document: all have to explain it. */
  static LogReplayCheck ofBare(EvidenceOptions options) {
    LogReplayCheck check = new LogReplayCheck(options, Set.of(), OptionalLong.empty());
    options.foreignLogs().forEach(check::add);
    check.binding.addAll(check.logs);
    options.log().ifPresent(log -> check.bind(new WatchedLog(log, Long.MAX_VALUE)));
    return check;
  }

  private void bind(WatchedLog log) {
    logs.add(log);
    binding.add(log);
  }

  private void add(ForeignPart part) {
    WatchedLog log = new WatchedLog(part.log(), Long.MAX_VALUE);
    logs.add(log);
    if (part.origin() == ForeignLog.Origin.IMA) {
      growing.add(log);
    }
  }

  /** Replays and compares; {@code proven} has at least one value. */
  VerificationReport run(RegisterValues proven, Limits limits) throws IOException {
    VerifyOptions strict = new VerifyOptions(!growing.isEmpty(), options.allowGaps());
    VerificationReport report = Verifier.verify(List.copyOf(logs), proven, strict, limits);
    binding.forEach(log -> required.addAll(log.extended()));
    required.retainAll(proven.asMap().keySet());
    required.addAll(claimed);
    required.addAll(options.required());
    for (RegisterComparison comparison : report.comparisons()) {
      if (!explains(comparison)) {
        notExplained.add(comparison.register());
      }
    }
    checkLog(report.replay());
    checkRecords(report.replay());
    checkGaps(report.replay(), proven);
    checkRegisters(proven);
    addNotes(report, proven);
    return report;
  }

  /**
   * A log that grows all the time may be ahead of the quote where it alone extends a register; ours
   * never may.
   */
  private boolean explains(RegisterComparison comparison) {
    if (comparison.status() != Status.MATCH_BEFORE_END) {
      return comparison.passes();
    }
    RegisterId register = comparison.register();
    return logs.stream()
        .filter(log -> log.extended().contains(register))
        .allMatch(growing::contains);
  }

  private void checkLog(Replay replay) {
    long records = binding.stream().mapToLong(WatchedLog::records).sum();
    boolean asLong = endPosition.isEmpty() || records == endPosition.getAsLong();
    String length =
        endPosition.isEmpty()
            ? "%d records".formatted(records)
            : "%d records, needs %d".formatted(records, endPosition.getAsLong());
    String detail =
        replay
            .damage()
            .map(d -> "%s: damaged at offset %d: %s".formatted(d.log(), d.offset(), d.reason()))
            .orElse(length);
    checks.add(new Check("log", replay.complete() && asLong, detail));
  }

  private void checkRecords(Replay replay) {
    checks.add(
        new Check(
            "records",
            replay.findingCount() == 0,
            "%d of %d records are wrong".formatted(replay.findingCount(), replay.records())));
  }

  private void checkGaps(Replay replay, RegisterValues proven) {
    Set<RegisterId> gaps = new TreeSet<>();
    for (Map.Entry<RegisterId, Unproven> entry : replay.unproven().entrySet()) {
      if (entry.getValue().cause() == Unproven.Cause.GAP
          && proven.asMap().containsKey(entry.getKey())) {
        gaps.add(entry.getKey());
      }
    }
    checks.add(
        new Check(
            "gaps",
            gaps.isEmpty() || options.allowGaps(),
            gaps.isEmpty()
                ? "the log admits none"
                : "the log admits that something else extended %s%s"
                    .formatted(gaps, options.allowGaps() ? ", and that is allowed" : "")));
  }

  private void checkRegisters(RegisterValues proven) {
    SortedSet<RegisterId> notQuoted = new TreeSet<>(required);
    notQuoted.removeAll(proven.asMap().keySet());
    SortedSet<RegisterId> wrong = new TreeSet<>(required);
    wrong.retainAll(notExplained);
    String detail =
        required.isEmpty()
            ? "no quoted register is said to be explained by the log"
            : "the logs replay to what %s hold".formatted(required);
    if (!notQuoted.isEmpty()) {
      detail = "not quoted: " + notQuoted;
    }
    if (!wrong.isEmpty()) {
      detail = "the logs do NOT replay to what %s hold".formatted(wrong);
    }
    checks.add(
        new Check(
            "registers", !required.isEmpty() && notQuoted.isEmpty() && wrong.isEmpty(), detail));
  }

  private void addNotes(VerificationReport report, RegisterValues proven) {
    SortedSet<RegisterId> others = new TreeSet<>(notExplained);
    others.removeAll(required);
    if (!others.isEmpty()) {
      notes.add("not explained by any log given, as others extend them: " + others);
    }
    if (!report.notCompared().isEmpty()) {
      notes.add(
          "not quoted, so nothing vouches for their records: "
              + new TreeSet<>(report.notCompared()));
    }
    for (Map.Entry<RegisterId, Unproven> entry :
        new TreeMap<>(report.replay().unproven()).entrySet()) {
      if (entry.getValue().cause() == Unproven.Cause.START_VALUE
          && proven.asMap().containsKey(entry.getKey())) {
        notes.add(
            "not proven: what extended %s before the log began; it merely states the value, %s"
                .formatted(entry.getKey(), entry.getValue().record()));
      }
    }
    for (RegisterComparison comparison : report.comparisons()) {
      if (comparison.status() == Status.MATCH_BEFORE_END && explains(comparison)) {
        notes.add(
            "not proven: the records of %s that came after the quote; it %s"
                .formatted(comparison.register(), comparison.detail()));
      }
    }
  }

  List<Check> checks() {
    return checks;
  }

  List<String> notes() {
    return notes;
  }

  SortedSet<RegisterId> required() {
    return required;
  }

  SortedSet<RegisterId> notExplained() {
    return notExplained;
  }
}
