package dev.cairn.backend.tpm.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import java.util.Map;
import java.util.TreeMap;

/** Quotes that somebody has changed on the way. */
final class Tampering {
  private Tampering() {}

  static Quote flip(Quote quote, String part, int bit) {
    byte[] bytes = quote.parts().getOrDefault(part, Bytes.EMPTY).toArray();
    bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
    Map<String, Bytes> parts = new TreeMap<>(quote.parts());
    parts.put(part, Bytes.owning(bytes));
    return Quote.of(quote.type(), parts, quote.values());
  }

  /** Whether {@code quote} passes for {@code honest} with somebody who has pinned the key. */
  static boolean proves(QuoteVerdict honest, Quote quote) {
    try {
      QuoteVerdict verdict = new TpmQuoteVerifier().verify(quote);
      return verdict.ok() && verdict.key().equals(honest.key());
    } catch (MalformedEvidenceException e) {
      return false;
    }
  }
}
