package dev.cairn.evidence;

import dev.cairn.measure.Quote;

/**
 * Checks one kind of quote, offline and without the hardware. Found with {@link
 * java.util.ServiceLoader}.
 */
public interface QuoteVerifier {
  /** Returns the kind of quote that it checks, see {@link Quote#type()}. */
  String type();

  /**
   * Checks structure, signature, and that the quote proves the values that it comes with.
   *
   * @return what was found; a quote that lies is no exception
   * @throws MalformedEvidenceException if a part is missing or cannot be parsed; names part, offset
   *     and reason
   */
  QuoteVerdict verify(Quote quote) throws MalformedEvidenceException;
}
