package dev.cairn.evidence;

import dev.cairn.measure.Bytes;
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

  /**
   * Returns whether hardware signs quotes of this kind. One that nobody signs proves nothing; it is
   * let pass only where a user says so.
   */
  default boolean signed() {
    return true;
  }

  /**
   * Returns what a quote that was asked for with {@code nonce} has as {@link QuoteVerdict#nonce()}.
   * Override it where that is longer, as TDX's report data are.
   */
  default Bytes signedNonce(Bytes nonce) {
    return nonce;
  }
}
