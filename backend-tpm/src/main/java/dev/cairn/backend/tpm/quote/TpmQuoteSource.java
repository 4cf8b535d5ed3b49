package dev.cairn.backend.tpm.quote;

import dev.cairn.backend.tpm.command.PcrSelection;
import dev.cairn.backend.tpm.command.PcrSnapshot;
import dev.cairn.backend.tpm.command.SignedAttest;
import dev.cairn.backend.tpm.command.Tpm;
import dev.cairn.backend.tpm.command.TpmException;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.QuoteSource;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Has PCRs quoted by a TPM 2.0. A quote shows a hash of their values only, so these are read beside
 * it and checked against that hash; where somebody extends one in between, both are taken again.
 *
 * <p>Belongs to the thread of the backend. The first quote, and the first after a TPM reset, makes
 * the key where none is there: milliseconds on swtpm, up to a minute for RSA on a chip.
 *
 * @see "TPM 2.0 Library Part 3, TPM2_Quote"
 */
public final class TpmQuoteSource implements QuoteSource, AutoCloseable {
  private static final int MOST_ATTEMPTS = 5;

  /** Room for a nonce beyond the longest digest: TPM2B_DATA has the size of a TPMT_HA. */
  private static final int BEYOND_DIGEST = 2;

  private final Tpm pcrs;
  private final Tpm keys;
  private final AttestationKey key;
  private final List<RegisterDescriptor> registers;
  private final long mostNonceBytes;

  /**
   * Makes one; sends nothing yet.
   *
   * @param pcrs reads the values
   * @param keys holds the key. The same as {@code pcrs}, or, behind a resource manager, another
   *     connection to the same TPM, which is closed with this: it would load and unload the key
   *     with every command that is sent over the connection that holds it
   * @param registers all that the TPM has; shown in every bank if they are extendable
   * @param longestDigestBytes of the TPM
   */
  public TpmQuoteSource(
      Tpm pcrs,
      Tpm keys,
      KeySetting setting,
      List<RegisterDescriptor> registers,
      long longestDigestBytes) {
    this.pcrs = pcrs;
    this.keys = keys;
    this.key = new AttestationKey(keys, setting);
    this.registers = List.copyOf(registers);
    this.mostNonceBytes = longestDigestBytes + BEYOND_DIGEST;
  }

  @Override
  public String type() {
    return TpmQuoteVerifier.TYPE;
  }

  /**
   * Loads the key, so that the first quote need not.
   *
   * @throws BackendException if there will be no quotes; the message names the remedy
   */
  public void loadKey() throws BackendException {
    try {
      key.load();
    } catch (TpmException e) {
      throw failure(keys, e);
    }
  }

  @Override
  public Quote quote(QuoteRequest request) throws BackendException {
    if (request.nonce().length() > mostNonceBytes) {
      throw refusal(
          "nonce: %d bytes, this TPM takes at most %d: send its SHA-256"
              .formatted(request.nonce().length(), mostNonceBytes));
    }
    QuotePlan plan = QuotePlan.of(request, registers);
    PcrSelection selection = plan.selection();
    SortedMap<RegisterId, DigestSet> before = read(selection);
    SortedSet<RegisterId> changed = new TreeSet<>();
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      SignedAttest signed = sign(request.nonce(), selection);
      if (isOf(signed, request.nonce(), plan, before)) {
        return Quote.of(TpmQuoteVerifier.TYPE, parts(signed), before);
      }
      SortedMap<RegisterId, DigestSet> after = read(selection);
      changed.addAll(differing(before, after));
      before = after;
    }
    throw refusal(
        changed.isEmpty()
            ? "the TPM signs other values than it shows, %d times: see what else uses it"
                .formatted(MOST_ATTEMPTS)
            : "%s changed during each of %d quotes: somebody else extends it; try again, or leave it out (registers=…)"
                .formatted(changed, MOST_ATTEMPTS));
  }

  /** Whether the quote answers the request, and its hash is that of {@code values}. */
  private boolean isOf(
      SignedAttest signed, Bytes nonce, QuotePlan plan, Map<RegisterId, DigestSet> values)
      throws BackendException {
    try {
      QuoteAttest attest = QuoteAttest.parse(signed.attest());
      SigningScheme scheme = QuoteSignature.parse(signed.signature()).scheme();
      if (!attest.nonce().equals(nonce)) {
        throw refusal("the TPM signed nonce %s, not %s".formatted(attest.nonce(), nonce));
      }
      if (!attest.selection().banks().equals(plan.wanted())) {
        throw refusal(
            "the TPM signed %s, not all that was asked for: %s"
                .formatted(attest.selection(), plan.wanted()));
      }
      Optional<Digest> digest = attest.selection().digest(scheme.hash(), values);
      return digest.filter(d -> d.value().equals(attest.pcrDigest())).isPresent();
    } catch (MalformedEvidenceException e) {
      throw refusal("the TPM's answer is no quote: " + e.getMessage());
    }
  }

  private SignedAttest sign(Bytes nonce, PcrSelection selection) throws BackendException {
    try {
      return key.quote(nonce, selection);
    } catch (TpmException e) {
      throw failure(keys, e);
    }
  }

  private SortedMap<String, Bytes> parts(SignedAttest signed) throws BackendException {
    try {
      AttestationKey.Loaded loaded = key.load();
      SortedMap<String, Bytes> parts = new TreeMap<>(loaded.parts());
      parts.put(QuoteAttest.PART, signed.attest());
      parts.put(QuoteSignature.PART, signed.signature());
      parts.put(PublicArea.PART, loaded.area().encoded());
      parts.put(PublicArea.KEY_PART, loaded.area().subjectPublicKeyInfo());
      return parts;
    } catch (TpmException e) {
      throw failure(keys, e);
    }
  }

  private SortedMap<RegisterId, DigestSet> read(PcrSelection selection) throws BackendException {
    try {
      PcrSnapshot snapshot = pcrs.read(selection);
      SortedMap<RegisterId, DigestSet> values = new TreeMap<>();
      snapshot.values().forEach((pcr, value) -> values.put(RegisterId.pcr(pcr), value));
      return values;
    } catch (TpmException e) {
      throw failure(pcrs, e);
    }
  }

  private static SortedSet<RegisterId> differing(
      Map<RegisterId, DigestSet> before, Map<RegisterId, DigestSet> after) {
    SortedSet<RegisterId> differing = new TreeSet<>();
    after.forEach(
        (register, value) -> {
          if (!value.equals(before.getOrDefault(register, DigestSet.EMPTY))) {
            differing.add(register);
          }
        });
    return differing;
  }

  private static BackendException refusal(String why) {
    return new BackendException(null, Outcome.NOT_EXECUTED, "quote", why, null);
  }

  private static BackendException failure(Tpm tpm, TpmException e) {
    return new BackendException(null, e.outcome(), "quote", tpm.address(), e);
  }

  /** Unloads the key; the connection of the values stays open. */
  @Override
  public void close() {
    key.close();
    if (keys != pcrs) {
      keys.close();
    }
  }
}
