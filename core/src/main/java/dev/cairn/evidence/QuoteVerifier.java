package dev.cairn.evidence;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

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

  /**
   * Returns {@code quote} as files for other tools: a file for each part. Override it where there
   * are tools that want more.
   *
   * @return contents by file name; no name leads out of a folder
   * @throws MalformedEvidenceException if a part cannot be parsed, or is called what no file should
   *     be
   */
  default SortedMap<String, Bytes> files(Quote quote) throws MalformedEvidenceException {
    SortedMap<String, Bytes> files = new TreeMap<>();
    for (Map.Entry<String, Bytes> part : quote.parts().entrySet()) {
      if (!part.getKey().matches("[a-z][a-z0-9_]{0,63}")) {
        throw new MalformedEvidenceException(
            "parts", "name '%s': needs a-z, 0-9 and _".formatted(part.getKey()));
      }
      files.put(part.getKey() + ".bin", part.getValue());
    }
    return files;
  }
}
