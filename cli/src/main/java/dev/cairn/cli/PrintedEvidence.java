package dev.cairn.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.evidence.EvidenceReport;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.evidence.SigningKey;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.RegisterComparison;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** What evidence is worth, for people and for programs. */
final class PrintedEvidence {
  private final GivenQuote given;
  private final EvidenceReport report;
  private final Optional<PrintedReport> logs;

  PrintedEvidence(GivenQuote given, EvidenceReport report) {
    this.given = given;
    this.report = report;
    this.logs = report.logs().map(PrintedReport::new);
  }

  /** Returns the lines for people: registers, checks, what is not proven, the sum. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (report.logs().isPresent()) {
      for (RegisterComparison comparison : report.logs().get().comparisons()) {
        RegisterId register = comparison.register();
        boolean others =
            report.notExplained().contains(register) && !report.required().contains(register);
        if (others) {
          lines.add(PrintedReport.line(comparison, "not explained", ""));
        } else {
          lines.addAll(PrintedReport.lines(comparison));
        }
      }
      lines.addAll(new PrintedReport(report.logs().get()).faults(report.required()));
    }
    for (Check check : report.checks()) {
      lines.add(
          "%-6s %s: %s".formatted(check.passed() ? "ok" : "FAILED", check.name(), check.detail()));
    }
    for (String note : report.notes()) {
      lines.add("note   " + note);
    }
    lines.add(sum());
    return lines;
  }

  private String sum() {
    long failed = report.checks().stream().filter(check -> !check.passed()).count();
    if (report.ok()) {
      return "good: quote of type %s, %d registers explained"
          .formatted(given.quote().type(), report.required().size());
    }
    return "NOT GOOD: %d of %d checks failed".formatted(failed, report.checks().size());
  }

  /** Writes the members of the report's JSON object. */
  void writeMembers(JsonGenerator out) throws IOException {
    out.writeBooleanField("ok", report.ok());
    out.writeStringField("type", given.quote().type());
    out.writeStringField("epoch", given.epoch().orElse(null));
    out.writeStringField("nonce", report.quote().nonce().toHex());
    writeKey(out);
    out.writeArrayFieldStart("checks");
    for (Check check : report.checks()) {
      out.writeStartObject();
      out.writeStringField("name", check.name());
      out.writeBooleanField("passed", check.passed());
      out.writeStringField("detail", check.detail());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeArrayFieldStart("notes");
    for (String note : report.notes()) {
      out.writeString(note);
    }
    out.writeEndArray();
    out.writeObjectFieldStart("proven");
    report.quote().proven().writeMembers(out);
    out.writeEndObject();
    writeNames(out, "required", report.required());
    writeNames(out, "not_explained", report.notExplained());
    if (logs.isPresent()) {
      out.writeObjectFieldStart("logs");
      logs.get().writeDetails(out);
      out.writeEndObject();
    }
  }

  private void writeKey(JsonGenerator out) throws IOException {
    SigningKey key = report.quote().key().orElse(null);
    if (key == null) {
      out.writeNullField("key");
      return;
    }
    out.writeObjectFieldStart("key");
    out.writeStringField("fingerprint", key.fingerprint().value().toHex());
    if (key.name().isPresent()) {
      out.writeStringField("name", key.name().get().toHex());
    }
    out.writeEndObject();
  }

  private static void writeNames(JsonGenerator out, String member, SortedSet<RegisterId> registers)
      throws IOException {
    out.writeArrayFieldStart(member);
    for (RegisterId register : registers) {
      out.writeString(register.name());
    }
    out.writeEndArray();
  }
}
