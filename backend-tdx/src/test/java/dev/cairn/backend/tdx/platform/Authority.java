package dev.cairn.backend.tdx.platform;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;

/** A key on P-256 with a certificate; may issue further ones. */
final class Authority {
  static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
  static final Instant UNTIL = Instant.parse("2120-01-01T00:00:00Z");

  private static final String SGX = "1.2.840.113741.1.13.1";
  private static final byte[] FMSPC = HexFormat.of().parseHex("00906ed50000");

  private final String name;
  private final KeyPair key;
  private final byte[] certificate;

  private Authority(String name, KeyPair key, byte[] certificate) {
    this.name = name;
    this.key = key;
    this.certificate = certificate;
  }

  /** Makes a root. */
  static Authority root(String name) {
    KeyPair key = newKey();
    return new Authority(name, key, certificate(name, key, name, key, true, UNTIL));
  }

  /** Issues a certificate for a new key: an authority's, or a PCK's with its SGX extension. */
  Authority issue(String subject, boolean authority, Instant until) {
    KeyPair subjectKey = newKey();
    return new Authority(
        subject, subjectKey, certificate(subject, subjectKey, name, key, authority, until));
  }

  byte[] sign(byte[] message) {
    return sign(key.getPrivate(), message);
  }

  X509Certificate certificate() {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(certificate));
    } catch (CertificateException e) {
      throw new AssertionError(e);
    }
  }

  byte[] pem() {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate);
    return ("-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n")
        .getBytes(US_ASCII);
  }

  static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns r and s, 32 bytes each. */
  static byte[] sign(PrivateKey key, byte[] message) {
    return sign("SHA256withECDSAinP1363Format", key, message);
  }

  private static byte[] sign(String algorithm, PrivateKey key, byte[] message) {
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] certificate(
      String subject,
      KeyPair subjectKey,
      String issuer,
      KeyPair issuerKey,
      boolean authority,
      Instant until) {
    byte[] algorithm = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
    byte[] extensions =
        authority
            ? Der.sequence(
                extension("2.5.29.19", true, Der.sequence(Der.bool(true))),
                extension("2.5.29.15", true, Der.bits(new byte[] {0x06}, 1)))
            : Der.sequence(
                extension("2.5.29.15", true, Der.bits(new byte[] {(byte) 0xC0}, 6)),
                extension(
                    SGX,
                    false,
                    Der.sequence(Der.sequence(Der.oid(SGX + ".4"), Der.octets(FMSPC)))));
    byte[] body =
        Der.sequence(
            Der.explicit(0, Der.integer(BigInteger.TWO)),
            Der.integer(new BigInteger(1, new byte[] {1, 2, 3})),
            algorithm,
            name(issuer),
            Der.sequence(Der.time(FROM), Der.time(until)),
            name(subject),
            subjectKey.getPublic().getEncoded(),
            Der.explicit(3, extensions));
    byte[] signature = sign("SHA256withECDSA", issuerKey.getPrivate(), body);
    return Der.sequence(body, algorithm, Der.bits(signature, 0));
  }

  private static byte[] name(String commonName) {
    return Der.sequence(Der.set(Der.sequence(Der.oid("2.5.4.3"), Der.text(commonName))));
  }

  private static byte[] extension(String oid, boolean critical, byte[] value) {
    return critical
        ? Der.sequence(Der.oid(oid), Der.bool(true), Der.octets(value))
        : Der.sequence(Der.oid(oid), Der.octets(value));
  }
}
