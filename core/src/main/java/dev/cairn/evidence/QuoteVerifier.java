package dev.cairn.evidence;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Checks one kind of quote, offline and without the hardware. Found with {@link
 * java.util.ServiceLoader}.
 */
public interface QuoteVerifier {
  /**
   * Returns the one for quotes of {@code type}.
   *
   * @throws MalformedEvidenceException if there is none; names those that there are
   */
  static QuoteVerifier find(String type) throws MalformedEvidenceException {
    Map<String, QuoteVerifier> known = new TreeMap<>();
    for (QuoteVerifier each : ServiceLoader.load(QuoteVerifier.class)) {
      known.put(each.type(), each);
    }
    QuoteVerifier verifier = known.get(type);
    if (verifier == null) {
      throw new MalformedEvidenceException(
          "quote.type", "'%s': can be verified are %s".formatted(type, known.keySet()));
    }
    return verifier;
  }

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

  /**
   * Returns a verifier that believes {@code trust}. Itself, where quotes of this kind have no
   * certificates.
   */
  default QuoteVerifier trusting(Trust trust) {
    return this;
  }

  /**
   * Takes a quote as the hardware gave it, in a file of its own and without the values beside it.
   *
   * @return the quote with the values that it holds; nothing if this is no such file, or if quotes
   *     of this kind come in several parts or do not hold their values
   * @throws MalformedEvidenceException if it begins like one and cannot be parsed
   */
  default Optional<Quote> ofFile(Bytes file) throws MalformedEvidenceException {
    return Optional.empty();
  }
}
