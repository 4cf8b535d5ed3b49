package dev.cairn.evidence;

import static dev.cairn.evidence.Attester.NONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.LogSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Verifies in tests. */
final class Verdicts {
  private Verdicts() {}

  /** Options that accept the emulator. */
  static EvidenceOptions options(
      Optional<Bytes> nonce, Optional<KeyPin> key, Set<RegisterId> required, boolean allowGaps) {
    return new EvidenceOptions(nonce, key, required, true, allowGaps, Optional.empty(), List.of());
  }

  static EvidenceOptions emulator() {
    return options(Optional.of(NONCE), Optional.empty(), Set.of(), false);
  }

  static EvidenceReport verify(byte[] document, EvidenceOptions options) throws IOException {
    try (Evidence evidence =
        Evidence.read(new ByteArrayInputStream(document), EvidenceLimits.DEFAULT)) {
      return EvidenceVerifier.verify(evidence, options, Limits.DEFAULT);
    }
  }

  static List<String> failed(EvidenceReport report) {
    assertThat(report.ok()).isFalse();
    return report.checks().stream().filter(check -> !check.passed()).map(Check::name).toList();
  }

  static LogSource source(byte[] log) {
    return new LogSource() {
      @Override
      public String name() {
        return "log.cel";
      }

      @Override
      public EventReader open() throws IOException {
        return EventLogs.open(new ByteArrayInputStream(log));
      }
    };
  }
}
