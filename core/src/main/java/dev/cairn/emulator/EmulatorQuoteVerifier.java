package dev.cairn.emulator;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.evidence.QuoteVerifier;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import dev.cairn.replay.RegisterValues;
import java.util.List;
import java.util.Optional;

/** Checks that a report of the emulator is one. Nobody signed it, so it vouches for nothing. */
public final class EmulatorQuoteVerifier implements QuoteVerifier {
  @Override
  public String type() {
    return EmulatorQuotes.TYPE;
  }

  @Override
  public boolean signed() {
    return false;
  }

  @Override
  public QuoteVerdict verify(Quote quote) throws MalformedEvidenceException {
    Bytes part = quote.parts().get(EmulatorReport.PART);
    if (part == null || quote.parts().size() != 1) {
      throw new MalformedEvidenceException(
          EmulatorReport.PART,
          "parts are %s, needs this one alone".formatted(quote.parts().keySet()));
    }
    EmulatorReport report = EmulatorReport.parse(part);
    boolean same = report.values().equals(quote.values());
    return new QuoteVerdict(
        report.nonce(),
        same ? RegisterValues.of(report.values()) : RegisterValues.EMPTY,
        Optional.empty(),
        List.of(
            new Check(
                "values",
                same,
                "%s shows %d registers, %s the values given"
                    .formatted(
                        EmulatorReport.PART, report.values().size(), same ? "with" : "NOT with"))),
        List.of(
            "the emulator's report is signed by nobody: anybody can write one, it proves nothing"));
  }
}
