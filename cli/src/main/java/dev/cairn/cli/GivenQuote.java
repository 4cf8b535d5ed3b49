package dev.cairn.cli;

import dev.cairn.eventlog.Limits;
import dev.cairn.evidence.Evidence;
import dev.cairn.evidence.EvidenceLimits;
import dev.cairn.evidence.EvidenceOptions;
import dev.cairn.evidence.EvidenceReport;
import dev.cairn.evidence.EvidenceVerifier;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A quote to be verified: within a document of evidence, or bare, as the hardware gave it. Which
 * one shows in the first byte: evidence is JSON.
 */
final class GivenQuote implements AutoCloseable {
  private static final int HEAD_BYTES = 64; // white space may come before JSON

  private final Quote quote;
  private final @Nullable Evidence evidence;

  private GivenQuote(Quote quote, @Nullable Evidence evidence) {
    this.quote = quote;
    this.evidence = evidence;
  }

  /**
   * Reads one to its end. To be closed.
   *
   * @throws dev.cairn.evidence.MalformedEvidenceException if it is neither
   */
  static GivenQuote read(InputStream source) throws IOException {
    InputStream in = new BufferedInputStream(source);
    in.mark(HEAD_BYTES);
    boolean json = isJson(in.readNBytes(HEAD_BYTES));
    in.reset();
    if (json) {
      return of(Evidence.read(in, EvidenceLimits.DEFAULT));
    }
    byte[] file = in.readNBytes(EvidenceLimits.DEFAULT.maxPartBytes() + 1);
    Optional<Quote> bare =
        file.length > EvidenceLimits.DEFAULT.maxPartBytes()
            ? Optional.empty()
            : EvidenceVerifier.quoteOfFile(Bytes.copyOf(file));
    return bare.isPresent()
        ? new GivenQuote(bare.get(), null)
        : of(Evidence.read(new ByteArrayInputStream(file), EvidenceLimits.DEFAULT));
  }

  private static GivenQuote of(Evidence evidence) {
    return new GivenQuote(evidence.head().quote(), evidence);
  }

  private static boolean isJson(byte[] head) {
    for (byte b : head) {
      if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
        return b == '{';
      }
    }
    return false;
  }

  Quote quote() {
    return quote;
  }

  /** Returns the life of the registers, where a document names it. */
  Optional<String> epoch() {
    return evidence == null ? Optional.empty() : Optional.of(evidence.head().epoch());
  }

  /** Finds out what it is worth. */
  EvidenceReport verify(EvidenceOptions options) throws IOException {
    return evidence == null
        ? EvidenceVerifier.verify(quote, options, Limits.DEFAULT)
        : EvidenceVerifier.verify(evidence, options, Limits.DEFAULT);
  }

  @Override
  public void close() throws IOException {
    if (evidence != null) {
      evidence.close();
    }
  }
}
