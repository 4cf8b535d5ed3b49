package dev.cairn.backend.tdx.quote;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The certificates that a quote brings along: that of the platform's provisioning certification key
 * (PCK) first, the root last.
 */
final class PckChain {
  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
  private static final String END = "-----END CERTIFICATE-----";
  private static final int MAX_CERTIFICATES = 8; // Intel's chains have three
  private static final String SGX_EXTENSION = "1.2.840.113741.1.13.1";

  /** DER: object identifier 1.2.840.113741.1.13.1.4, then an octet string of 6. */
  private static final Bytes FMSPC = Bytes.fromHex("060a2a864886f84d010d01040406");

  private static final int FMSPC_BYTES = 6;

  private final List<X509Certificate> certificates;

  private PckChain(List<X509Certificate> certificates) {
    this.certificates = List.copyOf(certificates);
  }

  /**
   * Parses PEM certificates, with white space between them and NULs behind.
   *
   * @param offset where in the quote they begin, for complaints
   */
  static PckChain parse(Bytes pem, int offset) throws MalformedEvidenceException {
    String text = new String(pem.toArray(), ISO_8859_1);
    List<X509Certificate> certificates = new ArrayList<>();
    int at = skipBlank(text, 0);
    while (text.startsWith(BEGIN, at)) {
      int end = text.indexOf(END, at);
      if (end < 0 || certificates.size() == MAX_CERTIFICATES) {
        throw refuse(offset + at, end < 0 ? "without an end" : "one more than " + MAX_CERTIFICATES);
      }
      certificates.add(decode(text.substring(at + BEGIN.length(), end), offset + at));
      at = skipBlank(text, end + END.length());
    }
    if (certificates.isEmpty() || !text.substring(at).chars().allMatch(c -> c == 0)) {
      throw refuse(offset + at, "needs " + BEGIN);
    }
    return new PckChain(certificates);
  }

  private static int skipBlank(String text, int from) {
    int at = from;
    while (at < text.length() && " \r\n\t".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at;
  }

  private static X509Certificate decode(String base64, int offset)
      throws MalformedEvidenceException {
    String spelling = base64.replaceAll("[\\r\\n]", "");
    try {
      byte[] der = Base64.getDecoder().decode(spelling);
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der));
      // one spelling per certificate: neither loose bits of base64, nor bytes behind it
      if (!Base64.getEncoder().encodeToString(certificate.getEncoded()).equals(spelling)) {
        throw refuse(offset, "more or other than one X.509 certificate in base64");
      }
      // the JDK leaves out bits that DER calls unused, and nobody signs how many these are
      if (der[der.length - certificate.getSignature().length - 1] != 0) {
        throw refuse(offset, "its signature is no whole number of bytes");
      }
      return certificate;
    } catch (IllegalArgumentException | CertificateException e) {
      throw refuse(offset, String.valueOf(e.getMessage()));
    }
  }

  private static MalformedEvidenceException refuse(int offset, String detail) {
    return new MalformedEvidenceException(
        TdxQuote.PART, "offset %d: certificate chain: %s".formatted(offset, detail));
  }

  /** Returns the key that signs the report of the quoting enclave. */
  PublicKey pck() {
    return certificates.get(0).getPublicKey();
  }

  private X509Certificate root() {
    return certificates.get(certificates.size() - 1);
  }

  /** Returns SHA-256 of the root's SubjectPublicKeyInfo. */
  Bytes rootFingerprint() {
    return HashAlgorithm.SHA256.hash(Bytes.copyOf(root().getPublicKey().getEncoded())).value();
  }

  String rootName() {
    return root().getSubjectX500Principal().getName();
  }

  /**
   * Returns why the certificates are no chain from a PCK to a root; nothing if they are.
   * Signatures, names and constraints are checked as of a time when all of them were valid.
   */
  Optional<String> failure() {
    if (certificates.get(0).getExtensionValue(SGX_EXTENSION) == null) {
      return Optional.of("the first certificate has no SGX extension, so it is of no PCK");
    }
    try {
      root().verify(root().getPublicKey());
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root(), null)));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(validFrom()));
      CertPathValidator.getInstance("PKIX")
          .validate(
              factory.generateCertPath(certificates.subList(0, certificates.size() - 1)),
              parameters);
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private Instant validFrom() {
    return certificates.stream()
        .map(certificate -> certificate.getNotBefore().toInstant())
        .max(Instant::compareTo)
        .orElseThrow();
  }

  private Instant validUntil() {
    return certificates.stream()
        .map(certificate -> certificate.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  boolean isValidAt(Instant time) {
    return !time.isBefore(validFrom()) && !time.isAfter(validUntil());
  }

  /** Returns when all certificates are valid, for people. */
  String validity() {
    return "%s to %s".formatted(validFrom(), validUntil());
  }

  /** Returns the family of the platform, by which Intel publishes TCB info; 6 bytes. */
  Optional<Bytes> fmspc() {
    byte[] extension = certificates.get(0).getExtensionValue(SGX_EXTENSION);
    if (extension == null) {
      return Optional.empty();
    }
    for (int at = 0; at + FMSPC.length() + FMSPC_BYTES <= extension.length; at++) {
      if (FMSPC.isAt(extension, at)) {
        return Optional.of(Bytes.copyOf(extension, at + FMSPC.length(), FMSPC_BYTES));
      }
    }
    return Optional.empty();
  }
}
