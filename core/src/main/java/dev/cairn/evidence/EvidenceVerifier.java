package dev.cairn.evidence;

import dev.cairn.eventlog.Limits;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.measure.Bytes;
import dev.cairn.replay.VerificationReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds out what evidence is worth, offline: is the quote good and fresh, and do the logs replay to
 * the values that it proves? For one use and one thread.
 */
public final class EvidenceVerifier {
  private final Evidence evidence;
  private final EvidenceOptions options;
  private final List<Check> checks = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private EvidenceVerifier(Evidence evidence, EvidenceOptions options) {
    this.evidence = evidence;
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
    return new EvidenceVerifier(evidence, options).verify(limits);
  }

  private EvidenceReport verify(Limits limits) throws IOException {
    LogReplayCheck replay = LogReplayCheck.of(evidence, options);
    QuoteVerifier verifier = find(evidence.head().quote().type());
    QuoteVerdict verdict = verifier.verify(evidence.head().quote());
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

  private static QuoteVerifier find(String type) throws MalformedEvidenceException {
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

  /** A verifier that proves something else than was shown has a defect; then nothing is proven. */
  private void checkValues(QuoteVerdict verdict) {
    boolean same = verdict.proven().asMap().equals(evidence.head().quote().values());
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
        verdict.nonce().equals(verifier.signedNonce(sent)) && evidence.head().nonce().equals(sent);
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
