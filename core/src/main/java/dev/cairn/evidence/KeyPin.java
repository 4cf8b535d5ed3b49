package dev.cairn.evidence;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The key that a verifier trusts.
 *
 * <pre>
 * given as                                                   pins
 * 64 hexadecimal digits, also with "sha256:" before them     SHA-256 of the public key's DER
 * hexadecimal digits of a Name, e.g. 000b and 64 more        the TPM's Name of the key
 * a file: PEM or DER public key, PEM or DER certificate      SHA-256 of the public key's DER
 * a file: TPM2B_PUBLIC or TPMT_PUBLIC of tpm2-tools          the TPM's Name of the key
 * </pre>
 *
 * @param bytes what {@link SigningKey#matches} compares
 * @see "RFC 5280, 4.1.2.7; TPM 2.0 Library Part 1, Names; Part 2, TPM2B_PUBLIC"
 */
public record KeyPin(Bytes bytes) {
  /** The longest file that can be a key or a certificate. */
  public static final int MAX_FILE_BYTES = 64 * 1024;

  private static final Pattern HEX = Pattern.compile("(?:sha256:)?([0-9a-fA-F]{64})");
  private static final Pattern NAME = Pattern.compile("[0-9a-fA-F]{44,132}");
  private static final Pattern PEM =
      Pattern.compile(
          "-----BEGIN (PUBLIC KEY|CERTIFICATE)-----\\s+([A-Za-z0-9+/=\\s]+)-----END \\1-----");
  private static final int DER_SEQUENCE = 0x30;

  /** Parses a fingerprint or a Name; nothing if {@code text} is neither, and may be a file. */
  public static Optional<KeyPin> parse(String text) {
    Matcher hex = HEX.matcher(text);
    if (hex.matches()) {
      return Optional.of(new KeyPin(Bytes.fromHex(hex.group(1).toLowerCase(Locale.ROOT))));
    }
    if (NAME.matcher(text).matches() && text.length() % 2 == 0) {
      Bytes name = Bytes.fromHex(text);
      boolean isName =
          HashAlgorithm.ofTpmId(name.at(0) << Byte.SIZE | name.at(1))
              .filter(hash -> hash.sizeBytes() == name.length() - Short.BYTES)
              .isPresent();
      return isName ? Optional.of(new KeyPin(name)) : Optional.empty();
    }
    return Optional.empty();
  }

  /**
   * Makes one of a file's content.
   *
   * @throws MalformedEvidenceException if it is neither a public key nor a certificate
   */
  public static KeyPin ofFile(Bytes content) throws MalformedEvidenceException {
    Matcher pem = PEM.matcher(new String(content.toArray(), ISO_8859_1));
    if (pem.find()) {
      byte[] der = decode(pem.group(2));
      return new KeyPin(
          fingerprint(pem.group(1).equals("CERTIFICATE") ? certificate(der) : publicKey(der)));
    }
    if (!content.isEmpty() && content.at(0) == DER_SEQUENCE) {
      byte[] der = content.toArray();
      PublicKey key;
      try {
        key = publicKey(der);
      } catch (MalformedEvidenceException e) {
        key = certificate(der);
      }
      return new KeyPin(fingerprint(key));
    }
    return new KeyPin(tpmName(content));
  }

  private static byte[] decode(String base64) throws MalformedEvidenceException {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new MalformedEvidenceException("key", "PEM: " + e.getMessage());
    }
  }

  private static Bytes fingerprint(PublicKey key) {
    return HashAlgorithm.SHA256.hash(Bytes.copyOf(key.getEncoded())).value();
  }

  private static PublicKey certificate(byte[] der) throws MalformedEvidenceException {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(der))
          .getPublicKey();
    } catch (CertificateException e) {
      throw new MalformedEvidenceException("key", "no certificate: " + e.getMessage());
    }
  }

  private static PublicKey publicKey(byte[] der) throws MalformedEvidenceException {
    GeneralSecurityException last = new GeneralSecurityException("no kind of key tried");
    for (String kind : new String[] {"EC", "RSA"}) {
      try {
        return KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(der));
      } catch (InvalidKeySpecException | NoSuchAlgorithmException e) {
        last = e;
      }
    }
    throw new MalformedEvidenceException(
        "key", "no public key of type EC or RSA: " + last.getMessage());
  }

  /** TPMT_PUBLIC begins with type and nameAlg; TPM2B_PUBLIC has its length before that. */
  private static Bytes tpmName(Bytes content) throws MalformedEvidenceException {
    Bytes area = content;
    if (content.length() > Short.BYTES && u16(content, 0) == content.length() - Short.BYTES) {
      area = content.slice(Short.BYTES, content.length());
    }
    HashAlgorithm hash =
        area.length() < 2 * Short.BYTES
            ? null
            : HashAlgorithm.ofTpmId(u16(area, Short.BYTES)).orElse(null);
    if (hash == null) {
      throw new MalformedEvidenceException(
          "key", "needs a public key or a certificate, PEM or DER, or a TPM2B_PUBLIC");
    }
    ByteBuffer name = ByteBuffer.allocate(Short.BYTES + hash.sizeBytes());
    name.putShort((short) hash.tpmId());
    hash.hash(area).value().copyTo(name);
    return Bytes.owning(name.array());
  }

  private static int u16(Bytes bytes, int at) {
    return bytes.at(at) << Byte.SIZE | bytes.at(at + 1);
  }
}
