package dev.cairn.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.Divergence;
import dev.cairn.replay.Finding;
import dev.cairn.replay.LogDamage;
import dev.cairn.replay.RecordRef;
import dev.cairn.replay.RegisterComparison;
import dev.cairn.replay.Replay;
import dev.cairn.replay.Unproven;
import dev.cairn.replay.VerificationReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A verification report for people and for programs. */
final class PrintedReport {
  private final VerificationReport report;

  PrintedReport(VerificationReport report) {
    this.report = report;
  }

  /** Returns the lines for people: first what was compared, then what is wrong, then the sum. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (RegisterComparison comparison : report.comparisons()) {
      lines.addAll(lines(comparison));
    }
    Set<RegisterId> all = new TreeSet<>();
    report.comparisons().forEach(comparison -> all.add(comparison.register()));
    lines.addAll(faults(all));
    for (Map.Entry<RegisterId, Unproven> entry : unproven().entrySet()) {
      lines.add("not proven: %s: %s".formatted(entry.getKey(), describe(entry.getValue())));
    }
    if (!report.notCompared().isEmpty()) {
      lines.add(
          "no value given for: "
              + new TreeSet<>(report.notCompared())
              + ": nothing vouches for them");
    }
    lines.add(sum());
    return lines;
  }

  /** Returns one value beside what the log replays to. */
  static List<String> lines(RegisterComparison comparison) {
    List<String> lines = new ArrayList<>();
    lines.add(line(comparison, status(comparison), comparison.detail()));
    if (comparison.status() == RegisterComparison.Status.MISMATCH) {
      lines.add("  given    " + comparison.expected().value());
      lines.add(
          "  replayed "
              + (comparison.replayed() == null ? "nothing" : comparison.replayed().value()));
    }
    return lines;
  }

  static String line(RegisterComparison comparison, String status, String detail) {
    return "%-9s %-8s %s%s"
        .formatted(
            comparison.register(),
            comparison.bank().bank(),
            status,
            detail.isEmpty() ? "" : ": " + detail);
  }

  /** Returns why {@code registers} differ, and which records are wrong. */
  List<String> faults(Set<RegisterId> registers) {
    List<String> lines = new ArrayList<>();
    for (Divergence divergence : report.divergences()) {
      if (registers.contains(divergence.register())) {
        lines.add("%s: %s".formatted(divergence.register(), divergence.message()));
      }
    }
    for (Finding finding : report.replay().findings()) {
      lines.add("wrong: " + finding);
    }
    long more = report.replay().findingCount() - report.replay().findings().size();
    if (more > 0) {
      lines.add("wrong: " + more + " more findings");
    }
    return lines;
  }

  private static String status(RegisterComparison comparison) {
    return switch (comparison.status()) {
      case MATCH -> "match";
      case MATCH_BEFORE_END -> "match before the log's end";
      case MISMATCH -> "MISMATCH";
      case NOT_COVERED -> "NOT COVERED";
      case NOT_EXTENDABLE -> "not extendable, no log is about it";
    };
  }

  private static String describe(Unproven unproven) {
    return switch (unproven.cause()) {
      case START_VALUE -> "the log begins at a value that it merely states, " + unproven.record();
      case GAP -> "the log admits a gap, " + unproven.record();
    };
  }

  private Map<RegisterId, Unproven> unproven() {
    return new TreeMap<>(report.replay().unproven());
  }

  private String sum() {
    long passed = report.comparisons().stream().filter(RegisterComparison::passes).count();
    return "%s: %d of %d values match, %d records, %d wrong"
        .formatted(
            report.ok() ? "match" : "NO MATCH",
            passed,
            report.comparisons().size(),
            report.replay().records(),
            report.replay().findingCount());
  }

  /** Writes the members of the report's JSON object. */
  void writeMembers(JsonGenerator out) throws IOException {
    out.writeBooleanField("ok", report.ok());
    writeDetails(out);
  }

  /** Writes all members but the sum of it. */
  void writeDetails(JsonGenerator out) throws IOException {
    Replay replay = report.replay();
    out.writeStringField("format", replay.format().map(format -> format.label()).orElse("none"));
    out.writeNumberField("records", replay.records());
    out.writeNumberField("not_extended", replay.notExtended());
    out.writeBooleanField("complete", replay.complete());
    writeError(out);
    out.writeArrayFieldStart("comparisons");
    for (RegisterComparison comparison : report.comparisons()) {
      write(out, comparison);
    }
    out.writeEndArray();
    out.writeArrayFieldStart("divergences");
    for (Divergence divergence : report.divergences()) {
      write(out, divergence);
    }
    out.writeEndArray();
    out.writeNumberField("finding_count", replay.findingCount());
    out.writeArrayFieldStart("findings");
    for (Finding finding : replay.findings()) {
      out.writeStartObject();
      out.writeStringField("kind", finding.kind().name().toLowerCase(Locale.ROOT));
      out.writeStringField("message", finding.message());
      out.writeFieldName("record");
      write(out, finding.record());
      out.writeEndObject();
    }
    out.writeEndArray();
    writeUnproven(out);
    out.writeArrayFieldStart("not_compared");
    for (RegisterId register : new TreeSet<>(report.notCompared())) {
      out.writeString(register.name());
    }
    out.writeEndArray();
  }

  private void writeError(JsonGenerator out) throws IOException {
    out.writeFieldName("error");
    if (report.replay().damage().isEmpty()) {
      out.writeNull();
      return;
    }
    LogDamage damage = report.replay().damage().get();
    out.writeStartObject();
    out.writeStringField("log", damage.log());
    out.writeNumberField("offset", damage.offset());
    out.writeStringField("reason", damage.reason());
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, RegisterComparison comparison) throws IOException {
    out.writeStartObject();
    out.writeStringField("register", comparison.register().name());
    out.writeStringField("bank", comparison.bank().bank());
    out.writeStringField("status", comparison.status().name().toLowerCase(Locale.ROOT));
    out.writeStringField("expected", comparison.expected().value().toHex());
    out.writeStringField(
        "replayed", comparison.replayed() == null ? null : comparison.replayed().value().toHex());
    if (!comparison.detail().isEmpty()) {
      out.writeStringField("detail", comparison.detail());
    }
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, Divergence divergence) throws IOException {
    out.writeStartObject();
    out.writeStringField("register", divergence.register().name());
    out.writeArrayFieldStart("banks");
    for (HashAlgorithm bank : new TreeSet<>(divergence.banks())) {
      out.writeString(bank.bank());
    }
    out.writeEndArray();
    out.writeStringField("cause", divergence.cause().name().toLowerCase(Locale.ROOT));
    out.writeStringField("message", divergence.message());
    out.writeArrayFieldStart("records");
    for (RecordRef record : divergence.records()) {
      write(out, record);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, RecordRef record) throws IOException {
    out.writeStartObject();
    out.writeStringField("log", record.log());
    out.writeNumberField("number", record.number());
    out.writeNumberField("offset", record.offset());
    out.writeStringField("register", record.register().name());
    out.writeNumberField("recnum", record.recnum());
    out.writeStringField("claimed_type", record.claimedType());
    if (record.claimedSubject().isPresent()) {
      out.writeStringField("claimed_subject", record.claimedSubject().get());
    }
    out.writeEndObject();
  }

  private void writeUnproven(JsonGenerator out) throws IOException {
    out.writeArrayFieldStart("unproven");
    for (Map.Entry<RegisterId, Unproven> entry : unproven().entrySet()) {
      out.writeStartObject();
      out.writeStringField("register", entry.getKey().name());
      out.writeStringField("cause", entry.getValue().cause().name().toLowerCase(Locale.ROOT));
      out.writeFieldName("record");
      write(out, entry.getValue().record());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
