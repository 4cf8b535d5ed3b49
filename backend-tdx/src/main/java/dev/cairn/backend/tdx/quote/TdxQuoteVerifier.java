package dev.cairn.backend.tdx.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.evidence.QuoteVerifier;
import dev.cairn.evidence.Trust;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.RegisterValues;
import java.security.PublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Checks TDX quotes with nothing but the Java runtime. Immutable; any thread.
 *
 * <pre>
 * check          holds if
 * signature      the attestation key signed header and body
 * qe_binding     the report of the quoting enclave names this attestation key
 * qe_signature   the platform's PCK signed that report
 * qe_identity    the enclave is Intel's for TDX and cannot be debugged
 * pck_chain      the certificates lead from that PCK to the root they end with
 * root           that root is trusted: Intel's, or one that was given
 * validity       all certificates are valid now
 * tdx_module     it is Intel's, without special attributes
 * debug          the host cannot look into the guest
 * values         the values that come with the quote are those in it
 * </pre>
 *
 * <p>Not checked, since that needs what Intel publishes from day to day: whether the platform's
 * security versions are up to date (TCB info, QE identity), and whether a certificate was revoked.
 * The notes say what a caller needs to do so.
 */
public final class TdxQuoteVerifier implements QuoteVerifier {
  /**
   * The key of {@code CN=Intel SGX Root CA}, under which all TDX platforms in the field are
   * certified: SHA-256 of its SubjectPublicKeyInfo. The certificate has the serial number
   * 22650cd65a9d3489f383b49552bf501b392706ac, the key is the point 040ba9c4…04ae7394.
   *
   * @see "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"
   */
  public static final Bytes INTEL_SGX_ROOT =
      Bytes.fromHex("a0af031289f5d5d4132f9186068a7fc13628633ba235777472e29b6b6c67a49e");

  private static final Bytes INTEL_VENDOR = Bytes.fromHex("939a7233f79c4ca9940a0db3957f0607");

  /**
   * Who signs Intel's quoting enclave for TDX, and its product number: Intel's "TD_QE" identity.
   */
  private static final Bytes INTEL_TD_QE_SIGNER =
      Bytes.fromHex("dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5");

  private static final int TD_QE_PRODUCT = 2;

  private final Set<Bytes> roots;
  private final InstantSource clock;

  /** Trusts Intel's root, as of now. */
  public TdxQuoteVerifier() {
    this(Trust.DEFAULT);
  }

  /** Trusts the keys of these authorities as roots; none: Intel's. */
  public TdxQuoteVerifier(Trust trust) {
    this.roots =
        trust.authorities().isEmpty()
            ? Set.of(INTEL_SGX_ROOT)
            : trust.authorities().stream()
                .map(authority -> Bytes.copyOf(authority.getPublicKey().getEncoded()))
                .map(key -> HashAlgorithm.SHA256.hash(key).value())
                .collect(Collectors.toUnmodifiableSet());
    this.clock = trust.time();
  }

  @Override
  public String type() {
    return TdxQuote.TYPE;
  }

  /** Report data are as long as the longest nonce; a shorter one is padded with zeros. */
  @Override
  public Bytes signedNonce(Bytes nonce) {
    return Bytes.owning(Arrays.copyOf(nonce.toArray(), QuoteRequest.MAX_NONCE_BYTES));
  }

  @Override
  public QuoteVerifier trusting(Trust trust) {
    return new TdxQuoteVerifier(trust);
  }

  @Override
  public Optional<Quote> ofFile(Bytes file) throws MalformedEvidenceException {
    return TdxQuote.recognises(file) ? Optional.of(TdxQuote.toQuote(file)) : Optional.empty();
  }

  @Override
  public QuoteVerdict verify(Quote given) throws MalformedEvidenceException {
    Bytes part = given.parts().get(TdxQuote.PART);
    if (!given.type().equals(TdxQuote.TYPE) || part == null) {
      throw new MalformedEvidenceException(
          TdxQuote.PART,
          "missing: type %s with parts %s, needs type %s with part %s"
              .formatted(given.type(), given.parts().keySet(), TdxQuote.TYPE, TdxQuote.PART));
    }
    TdxQuote quote = TdxQuote.parse(part);
    QuoteSignature signature = QuoteSignature.of(quote);
    List<Check> checks = new ArrayList<>();
    checks.add(signature(quote, signature));
    checks.add(enclaveBinding(signature));
    checks.add(enclaveSignature(signature));
    checks.add(enclaveIdentity(quote, signature.enclave()));
    checks.add(chain(signature.chain()));
    checks.add(root(signature.chain()));
    checks.add(validity(signature.chain()));
    checks.add(module(quote.module()));
    checks.add(debug(quote.td()));
    checks.add(values(given, quote.td()));
    boolean ok = checks.stream().allMatch(Check::passed);
    return new QuoteVerdict(
        quote.reportData(),
        ok ? RegisterValues.of(quote.td().values()) : RegisterValues.EMPTY,
        Optional.empty(),
        checks,
        notes(given, quote, signature));
  }

  private static Check signature(TdxQuote quote, QuoteSignature signature) {
    Optional<PublicKey> key = EcdsaP256.key(signature.attestationKey());
    if (key.isEmpty()) {
      return new Check("signature", false, "the attestation key is no point of P-256");
    }
    boolean good = EcdsaP256.verifies(key.get(), quote.signed(), signature.signature());
    return new Check(
        "signature",
        good,
        "ECDSA P-256 over %d bytes %s"
            .formatted(quote.signed().length(), good ? "verifies" : "does not verify"));
  }

  private static Check enclaveBinding(QuoteSignature signature) {
    byte[] bound = new byte[EcdsaP256.RAW_BYTES + signature.authData().length()];
    signature.attestationKey().copyTo(bound, 0);
    signature.authData().copyTo(bound, EcdsaP256.RAW_BYTES);
    byte[] expected = new byte[TdxQuote.REPORT_DATA_BYTES]; // the hash, then zeros
    HashAlgorithm.SHA256.hash(Bytes.owning(bound)).value().copyTo(expected, 0);
    boolean same = signature.enclave().reportData().isAt(expected, 0);
    return new Check(
        "qe_binding",
        same,
        same
            ? "the quoting enclave vouches for the attestation key"
            : "the quoting enclave's report names another attestation key");
  }

  private static Check enclaveSignature(QuoteSignature signature) {
    boolean good =
        EcdsaP256.verifies(
            signature.chain().pck(), signature.enclave().bytes(), signature.enclaveSignature());
    return new Check(
        "qe_signature",
        good,
        good ? "by the platform's PCK" : "the platform's PCK did not sign the enclave's report");
  }

  private static Check enclaveIdentity(TdxQuote quote, EnclaveReport enclave) {
    List<String> objections = new ArrayList<>();
    if (!quote.vendor().equals(INTEL_VENDOR)) {
      objections.add("vendor %s, needs %s (Intel)".formatted(quote.vendor(), INTEL_VENDOR));
    }
    if (!enclave.mrSigner().equals(INTEL_TD_QE_SIGNER)) {
      objections.add("MRSIGNER %s, needs %s".formatted(enclave.mrSigner(), INTEL_TD_QE_SIGNER));
    }
    if (enclave.product() != TD_QE_PRODUCT) {
      objections.add("product %d, needs %d".formatted(enclave.product(), TD_QE_PRODUCT));
    }
    if (enclave.debug()) {
      objections.add("it can be debugged");
    }
    return new Check(
        "qe_identity",
        objections.isEmpty(),
        objections.isEmpty()
            ? "Intel's quoting enclave for TDX, SVN " + enclave.svn()
            : String.join("; ", objections));
  }

  private static Check chain(PckChain chain) {
    Optional<String> failure = chain.failure();
    return new Check(
        "pck_chain", failure.isEmpty(), failure.orElse("from the PCK to " + chain.rootName()));
  }

  private Check root(PckChain chain) {
    Bytes fingerprint = chain.rootFingerprint();
    String which = fingerprint.equals(INTEL_SGX_ROOT) ? "Intel's SGX root" : "key " + fingerprint;
    return new Check(
        "root",
        roots.contains(fingerprint),
        roots.contains(fingerprint) ? which : which + " is not trusted");
  }

  private Check validity(PckChain chain) {
    Instant now = clock.instant();
    return new Check(
        "validity",
        chain.isValidAt(now),
        "certificates valid from %s, asked for %s".formatted(chain.validity(), now));
  }

  private static Check module(TdxQuote.Module module) {
    boolean intels = module.mrSignerSeam().isFilledWith(0) && module.attributes().isFilledWith(0);
    return new Check(
        "tdx_module",
        intels,
        intels
            ? "Intel's, MRSEAM " + module.mrSeam()
            : "MRSIGNERSEAM %s, attributes %s; need zeros"
                .formatted(module.mrSignerSeam(), module.attributes()));
  }

  private static Check debug(TdInfo td) {
    return new Check(
        "debug",
        !td.underDebug(),
        "attributes %s: %s"
            .formatted(
                td.attributes(),
                td.underDebug() ? "the host can look into this guest" : "not under debug"));
  }

  /** Nothing unquoted may be believed. */
  private static Check values(Quote given, TdInfo td) {
    Map<RegisterId, DigestSet> quoted = td.values();
    for (Map.Entry<RegisterId, DigestSet> claim : given.values().entrySet()) {
      DigestSet value = quoted.getOrDefault(claim.getKey(), DigestSet.EMPTY);
      if (!claim.getValue().equals(value)) {
        return new Check(
            "values",
            false,
            "%s: given %s, quoted %s".formatted(claim.getKey(), claim.getValue(), value));
      }
    }
    return new Check("values", true, "%d given are as quoted".formatted(given.values().size()));
  }

  private static List<String> notes(Quote given, TdxQuote quote, QuoteSignature signature) {
    List<String> notes = new ArrayList<>();
    notes.add(
        "not checked: whether the platform is up to date and its certificates are not revoked; "
            + "compare FMSPC %s, TEE_TCB_SVN %s and QE SVN %d with Intel's TCB info and CRLs"
                .formatted(
                    signature.chain().fmspc().map(Bytes::toHex).orElse("(none)"),
                    quote.module().teeTcbSvn(),
                    signature.enclave().svn()));
    notes.add("root: fingerprint sha256 %s".formatted(signature.chain().rootFingerprint()));
    if (!quote.td().mrConfigId().isFilledWith(0)) {
      notes.add("MRCONFIGID %s".formatted(quote.td().mrConfigId()));
    }
    if (!quote.trailing().isFilledWith(0)) {
      notes.add(
          "%d bytes behind the signature, which nobody signed"
              .formatted(quote.trailing().length()));
    }
    for (String other : given.parts().keySet()) {
      if (!other.equals(TdxQuote.PART)) {
        notes.add("part %s: was not looked at".formatted(other));
      }
    }
    return notes;
  }
}
