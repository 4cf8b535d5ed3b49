package dev.cairn.backend.tpm.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.Set;

/** The certificate of an attestation key, as some clouds put it into the TPM. */
final class CertificateCheck {
  /** Name of the part of the quote: DER, one certificate. */
  static final String PART = "certificate";

  private final X509Certificate certificate;

  private CertificateCheck(X509Certificate certificate) {
    this.certificate = certificate;
  }

  static CertificateCheck of(Bytes der) throws MalformedEvidenceException {
    CertificateCheck check = new CertificateCheck(parse(der));
    if (!check.der().equals(der)) {
      throw new MalformedEvidenceException(PART, "more or other than one X.509 certificate (DER)");
    }
    return check;
  }

  /** Returns the certificate with which {@code padded} begins. */
  static Bytes first(Bytes padded) throws MalformedEvidenceException {
    return new CertificateCheck(parse(padded)).der();
  }

  private static X509Certificate parse(Bytes der) throws MalformedEvidenceException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der.toArray()));
    } catch (CertificateException e) {
      throw new MalformedEvidenceException(PART, "no X.509 certificate (DER): " + e.getMessage());
    }
  }

  private Bytes der() throws MalformedEvidenceException {
    try {
      return Bytes.owning(certificate.getEncoded());
    } catch (CertificateException e) {
      throw new MalformedEvidenceException(PART, "cannot be encoded: " + e.getMessage());
    }
  }

  boolean certifies(PublicArea key) {
    return Bytes.owning(certificate.getPublicKey().getEncoded())
        .equals(key.signingKey().subjectPublicKeyInfo());
  }

  String subject() {
    return certificate.getSubjectX500Principal().getName();
  }

  String issuer() {
    return certificate.getIssuerX500Principal().getName();
  }

  /**
   * Returns why no chain leads to one of {@code anchors}; nothing if one does, and is valid at
   * {@code time}. Revocation is not checked: that would need the network.
   */
  Optional<String> chainFailure(Set<TrustAnchor> anchors, Instant time) {
    X509CertSelector target = new X509CertSelector();
    target.setCertificate(certificate);
    try {
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(time));
      CertPathBuilder.getInstance("PKIX").build(parameters);
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
