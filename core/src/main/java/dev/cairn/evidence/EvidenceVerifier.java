package dev.cairn.evidence;

import dev.cairn.eventlog.Limits;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import dev.cairn.replay.VerificationReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeSet;

/**
 * Finds out what evidence is worth, offline: is the quote good and fresh, and do the logs replay to
 * the values that it proves? For one use and one thread.
 */
public final class EvidenceVerifier {
  private final Quote quote;
  private final Optional<Bytes> claimedNonce;
  private final LogReplayCheck replay;
  private final EvidenceOptions options;
  private final List<Check> checks = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private EvidenceVerifier(
      Quote quote, Optional<Bytes> claimedNonce, LogReplayCheck replay, EvidenceOptions options) {
    this.quote = quote;
    this.claimedNonce = claimedNonce;
    this.replay = replay;
    this.options = options;
  }

  /**
   * Verifies.
   *
   * @throws MalformedEvidenceException if the quote is of no known kind or cannot be parsed, or if
   *     there is no log, or one too many
   * @throws IOException if a log cannot be opened or read; damage is no exception but part of the
   *     report
   */
  public static EvidenceReport verify(Evidence evidence, EvidenceOptions options, Limits limits)
      throws IOException {
    return new EvidenceVerifier(
            evidence.head().quote(),
            Optional.of(evidence.head().nonce()),
            LogReplayCheck.of(evidence, options),
            options)
        .verify(limits);
  }

  /**
   * Verifies a quote that came without a document, see {@link #quoteOfFile}. The logs are those of
   * the options; every quoted register that one of them extends has to be explained.
   *
   * @throws MalformedEvidenceException if the quote cannot be parsed
   * @throws IOException if a log cannot be opened or read
   */
  public static EvidenceReport verify(Quote quote, EvidenceOptions options, Limits limits)
      throws IOException {
    return new EvidenceVerifier(quote, Optional.empty(), LogReplayCheck.ofBare(options), options)
        .verify(limits);
  }

  /**
   * Recognises a quote as the hardware gave it.
   *
   * @return the quote; nothing if this is no quote of a kind that fits into one file
   * @throws MalformedEvidenceException if it begins like one and cannot be parsed
   */
  public static Optional<Quote> quoteOfFile(Bytes file) throws MalformedEvidenceException {
    for (QuoteVerifier each : ServiceLoader.load(QuoteVerifier.class)) {
      Optional<Quote> quote = each.ofFile(file);
      if (quote.isPresent()) {
        return quote;
      }
    }
    return Optional.empty();
  }

  private EvidenceReport verify(Limits limits) throws IOException {
    QuoteVerifier verifier = QuoteVerifier.find(quote.type()).trusting(options.trust());
    QuoteVerdict verdict = verifier.verify(quote);
    checks.addAll(verdict.checks());
    notes.addAll(verdict.notes());
    checkValues(verdict);
    checkSigned(verifier);
    checkNonce(verifier, verdict);
    checkKey(verifier, verdict);
    if (!checks.stream().allMatch(Check::passed) || verdict.proven().isEmpty()) {
      notes.add("the log was not compared: a quote that is not good proves no values");
      return new EvidenceReport(
          verdict, checks, notes, new TreeSet<>(), new TreeSet<>(), Optional.empty());
    }
    VerificationReport logs = replay.run(verdict.proven(), limits);
    checks.addAll(replay.checks());
    notes.addAll(replay.notes());
    return new EvidenceReport(
        verdict, checks, notes, replay.required(), replay.notExplained(), Optional.of(logs));
  }

  /** A verifier that proves something else than was shown has a defect; then nothing is proven. */
  private void checkValues(QuoteVerdict verdict) {
    boolean same = verdict.proven().asMap().equals(quote.values());
    if (verdict.ok() && !same) {
      checks.add(new Check("values", false, "other values than those given are proven"));
    }
  }

  private void checkSigned(QuoteVerifier verifier) {
    if (verifier.signed()) {
      return;
    }
    checks.add(
        new Check(
            "signed",
            options.allowUnsigned(),
            "quotes of type %s are signed by nobody%s"
                .formatted(
                    verifier.type(),
                    options.allowUnsigned() ? ", and are allowed" : ": anybody can write one")));
  }

  private void checkNonce(QuoteVerifier verifier, QuoteVerdict verdict) {
    Bytes sent = options.nonce().orElse(null);
    if (sent == null) {
      checks.add(
          new Check(
              "nonce",
              false,
              "not given: nothing shows that the quote is fresh; it is about %s"
                  .formatted(verdict.nonce())));
      return;
    }
    boolean same =
        verdict.nonce().equals(verifier.signedNonce(sent))
            && claimedNonce.map(sent::equals).orElse(true);
    checks.add(
        new Check(
            "nonce",
            same,
            same
                ? "the quote is about " + sent
                : "the quote is about %s, sent was %s".formatted(verdict.nonce(), sent)));
  }

  private void checkKey(QuoteVerifier verifier, QuoteVerdict verdict) {
    KeyPin pin = options.key().orElse(null);
    SigningKey key = verdict.key().orElse(null);
    if (pin == null) {
      if (key != null) {
        notes.add(
            "not proven: whose key it is. Whoever has a TPM, or a software one, can make such a"
                + " quote; pin the key of this machine: "
                + bestPin(key));
      }
      return;
    }
    if (key == null) {
      String detail = "quotes of type %s have no key that could be pinned";
      checks.add(new Check("trusted_key", false, detail.formatted(verifier.type())));
      return;
    }
    boolean same = key.matches(pin.bytes());
    String detail = "%s the pinned key %s".formatted(same ? "is" : "is NOT", pin.bytes());
    checks.add(new Check("trusted_key", same, detail));
    if (same && key.name().isPresent() && !key.name().get().equals(pin.bytes())) {
      notes.add(
          "not proven: that this key signs nothing but what its TPM says. Pinned is the bare public"
              + " key; pin its Name: "
              + bestPin(key));
    }
  }

  private static Bytes bestPin(SigningKey key) {
    return key.name().orElseGet(() -> key.fingerprint().value());
  }
}
