package dev.cairn.backend.tpm.quote;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Makes X.509 certificates, signed by a P-256 key. */
final class Certificates {
  private Certificates() {}

  static X509Certificate authority(String name, KeyPair keys) {
    return issue(name, keys.getPublic(), name, keys, true);
  }

  static X509Certificate issue(String subject, PublicKey key, String issuer, KeyPair issuerKeys) {
    return issue(subject, key, issuer, issuerKeys, false);
  }

  private static X509Certificate issue(
      String subject, PublicKey key, String issuer, KeyPair issuerKeys, boolean authority) {
    AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    Instant now = Instant.now();
    V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
    generator.setSerialNumber(new org.bouncycastle.asn1.ASN1Integer(BigInteger.TEN));
    generator.setSignature(algorithm);
    generator.setIssuer(new X500Name("CN=" + issuer));
    generator.setSubject(new X500Name("CN=" + subject));
    generator.setStartDate(new Time(Date.from(now.minus(Duration.ofDays(1)))));
    generator.setEndDate(new Time(Date.from(now.plus(Duration.ofDays(1)))));
    generator.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    try {
      generator.setExtensions(
          new Extensions(
              new Extension(
                  Extension.basicConstraints, true, new BasicConstraints(authority).getEncoded())));
      TBSCertificate content = generator.generateTBSCertificate();
      Signature signer = Signature.getInstance("SHA256withECDSA");
      signer.initSign(issuerKeys.getPrivate());
      signer.update(content.getEncoded());
      ASN1EncodableVector certificate = new ASN1EncodableVector();
      certificate.add(content);
      certificate.add(algorithm);
      certificate.add(new DERBitString(signer.sign()));
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(new DERSequence(certificate).getEncoded()));
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }
}
