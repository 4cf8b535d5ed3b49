package dev.cairn.backend.tpm.quote;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.evidence.QuoteVerifier;
import dev.cairn.evidence.Trust;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.Quote;
import dev.cairn.replay.RegisterValues;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Checks quotes of a TPM 2.0 with nothing but the Java runtime. Immutable; any thread.
 *
 * <pre>
 * check              holds if
 * magic              the TPM made the signed bytes, as a quote
 * key                it is restricted, signs only, and never leaves its TPM
 * signature          it is this key's, over {@code attest}, in the key's scheme, with SHA-2
 * key_part           (if the key is there as a SubjectPublicKeyInfo, too) it is the same
 * pcr_selection      the PCRs and banks that were signed are those that values are given for
 * pcr_digest         the values given hash to what was signed
 * hcl_report         (on Azure) the processor's report is about this key
 * certificate        (if there is one) it is about this key
 * certificate_chain  (if trusted ones are given) one of them vouches for it
 * </pre>
 *
 * <p>What no check can decide: whose the key is. All parts come from the one who is to be judged,
 * and with a key outside of any TPM anybody passes all of the above. A caller has to know the key's
 * Name, or an authority that certifies only keys of TPMs; see {@link QuoteVerdict#key()}.
 */
public final class TpmQuoteVerifier implements QuoteVerifier {
  /** The {@link Quote#type()}. */
  public static final String TYPE = "tpm2";

  private static final Set<String> PARTS =
      Set.of(
          QuoteAttest.PART,
          QuoteSignature.PART,
          PublicArea.PART,
          PublicArea.KEY_PART,
          HclReport.PART,
          CertificateCheck.PART);

  private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private final Set<TrustAnchor> anchors;
  private final InstantSource time;

  /** Trusts no authority: a certificate is compared with the key, its chain is not followed. */
  public TpmQuoteVerifier() {
    this(Trust.DEFAULT);
  }

  /**
   * Trusts the certificates that lead to {@code authorities}, each of which is trusted by itself:
   * where a root has intermediate authorities, give the one that signs.
   */
  public TpmQuoteVerifier(Collection<X509Certificate> authorities) {
    this(new Trust(List.copyOf(authorities), Trust.DEFAULT.time()));
  }

  private TpmQuoteVerifier(Trust trust) {
    this.time = trust.time();
    this.anchors =
        trust.authorities().stream()
            .map(authority -> new TrustAnchor(authority, null))
            .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public QuoteVerifier trusting(Trust trust) {
    return new TpmQuoteVerifier(trust);
  }

  @Override
  public QuoteVerdict verify(Quote quote) throws MalformedEvidenceException {
    if (!quote.type().equals(TYPE)) {
      throw new MalformedEvidenceException("type", quote.type() + ", needs " + TYPE);
    }
    Bytes signed = part(quote, QuoteAttest.PART);
    QuoteAttest attest = QuoteAttest.parse(signed);
    QuoteSignature signature = QuoteSignature.parse(part(quote, QuoteSignature.PART));
    PublicArea key = PublicArea.parse(part(quote, PublicArea.PART));

    List<Check> checks = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    checks.add(new Check("magic", true, "made by a TPM, as a quote"));
    checks.add(key(key));
    keyPart(quote, key).ifPresent(checks::add);
    checks.add(signature(key, signature, signed));
    checks.add(selection(attest.selection(), quote));
    checks.add(pcrDigest(attest, signature.scheme(), quote));
    hclReport(quote, key, checks, notes);
    certificate(quote, key, checks, notes);
    QuoteNotes.add(notes, attest, key);
    for (String other : new TreeSet<>(quote.parts().keySet())) {
      if (!PARTS.contains(other)) {
        notes.add("part %s: was not looked at".formatted(other));
      }
    }
    boolean ok = checks.stream().allMatch(Check::passed);
    return new QuoteVerdict(
        attest.nonce(),
        ok ? RegisterValues.of(quote.values()) : RegisterValues.EMPTY,
        Optional.of(key.signingKey()),
        checks,
        notes);
  }

  /**
   * Returns the parts, and what tpm2-tools want beside them.
   *
   * <pre>
   * ak.pem     the public key
   * pcrs.bin   selection and values, see {@link Tpm2ToolsPcrs}
   * tpm2_checkquote -u ak.pem -m attest.bin -s signature.bin -f pcrs.bin -q NONCE
   * </pre>
   */
  @Override
  public SortedMap<String, Bytes> files(Quote quote) throws MalformedEvidenceException {
    SortedMap<String, Bytes> files = QuoteVerifier.super.files(quote);
    PublicArea key = PublicArea.parse(part(quote, PublicArea.PART));
    QuotedSelection selection = QuoteAttest.parse(part(quote, QuoteAttest.PART)).selection();
    Optional<List<Digest>> values = selection.inOrder(quote.values());
    if (values.isEmpty()) {
      throw new MalformedEvidenceException("values", "some that were quoted are not given");
    }
    files.put("ak.pem", pem(key.signingKey().subjectPublicKeyInfo()));
    files.put("pcrs.bin", Tpm2ToolsPcrs.encode(selection, values.get()));
    return files;
  }

  private static Bytes pem(Bytes subjectPublicKeyInfo) {
    return Bytes.owning(
        "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
            .formatted(PEM.encodeToString(subjectPublicKeyInfo.toArray()))
            .getBytes(US_ASCII));
  }

  private static Bytes part(Quote quote, String name) throws MalformedEvidenceException {
    Bytes part = quote.parts().get(name);
    if (part == null) {
      throw new MalformedEvidenceException(
          name, "missing; a %s quote has attest, signature and public".formatted(TYPE));
    }
    return part;
  }

  private static Check key(PublicArea key) {
    List<String> objections = key.attributes().objections();
    return new Check(
        "key",
        objections.isEmpty(),
        "attributes %s: %s"
            .formatted(
                key.attributes(),
                objections.isEmpty()
                    ? "restricted, signs only, stays in its TPM"
                    : String.join("; ", objections)));
  }

  /** Who takes the key from there must not get another one. */
  private static Optional<Check> keyPart(Quote quote, PublicArea key) {
    return Optional.ofNullable(quote.parts().get(PublicArea.KEY_PART))
        .map(part -> part.equals(key.subjectPublicKeyInfo()))
        .map(same -> new Check("key_part", same, same ? "the same key" : "another key"));
  }

  private static Check signature(PublicArea key, QuoteSignature signature, Bytes signed) {
    Optional<String> failure = SignatureCheck.failure(key, signature, signed);
    return new Check(
        "signature", failure.isEmpty(), failure.orElse(signature.scheme() + " of this key"));
  }

  /** Nothing unquoted may be believed, and nothing quoted be left out. */
  private static Check selection(QuotedSelection selection, Quote quote) {
    Optional<String> difference = selection.differenceTo(quote.values());
    return new Check(
        "pcr_selection", difference.isEmpty(), difference.orElseGet(selection::toString));
  }

  private static Check pcrDigest(QuoteAttest attest, SigningScheme scheme, Quote quote) {
    Optional<Digest> given = attest.selection().digest(scheme.hash(), quote.values());
    if (given.isEmpty()) {
      return new Check("pcr_digest", false, "values that were quoted are not given");
    }
    boolean same = given.get().value().equals(attest.pcrDigest());
    return new Check(
        "pcr_digest",
        same,
        same
            ? given.get().toString()
            : "signed %s, values given %s".formatted(attest.pcrDigest(), given.get()));
  }

  private static void hclReport(Quote quote, PublicArea key, List<Check> checks, List<String> notes)
      throws MalformedEvidenceException {
    Bytes part = quote.parts().get(HclReport.PART);
    if (part == null) {
      return;
    }
    HclReport report = HclReport.parse(part);
    boolean names = report.names(key);
    checks.add(
        new Check(
            HclReport.PART,
            names && report.bound(),
            !names
                ? "it names another key"
                : report.bound()
                    ? "the processor's report is about this key"
                    : "the processor's report is not about the text that names this key"));
    notes.add(
        "hcl_report: who signed the processor's report was not checked: its maker's certificates"
            + " say that");
  }

  private void certificate(Quote quote, PublicArea key, List<Check> checks, List<String> notes)
      throws MalformedEvidenceException {
    Bytes der = quote.parts().get(CertificateCheck.PART);
    if (der == null) {
      notes.add("no certificate: who has not pinned the key does not know whose it is");
      return;
    }
    CertificateCheck certificate = CertificateCheck.of(der);
    boolean same = certificate.certifies(key);
    checks.add(
        new Check(
            "certificate",
            same,
            "about %s: %s".formatted(same ? "this key" : "another key", certificate.subject())));
    if (anchors.isEmpty()) {
      notes.add(
          "certificate: issued by %s, which was not checked: no authorities are given"
              .formatted(certificate.issuer()));
      return;
    }
    Optional<String> failure = certificate.chainFailure(anchors, time.instant());
    checks.add(
        new Check(
            "certificate_chain",
            failure.isEmpty(),
            failure
                .map(why -> "no trusted authority vouches for it: " + why)
                .orElse("a trusted authority vouches for it; revocation was not checked")));
  }
}
