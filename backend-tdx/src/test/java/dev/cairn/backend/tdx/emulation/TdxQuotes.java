package dev.cairn.backend.tdx.emulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;

/**
 * The quoting enclave: quotes signed by an attestation key that no platform vouches for.
 *
 * <pre>
 * header (48) | version 5: u16 body type, u32 body size | body (584, TD 1.5: 648)
 * | u32 size | signature (64) | key (64) | u16 6 | u32 size
 *     | QE report (384) | its signature (64) | u16 32 | authentication data (32) | u16 5 | u32 0
 * </pre>
 *
 * @see "Intel TDX DCAP Quoting Library API, appendix 3 (quote format versions 4 and 5)"
 */
public final class TdxQuotes {
  /** The versions and bodies that are in the field. */
  public enum Shape {
    V4,
    V5_TD_1_0,
    V5_TD_1_5
  }

  private static final int HEADER = 48;
  private static final int BODY_DESCRIPTOR = 6;
  private static final int SIGNATURE = 64;
  private static final int BODY_1_0 = 584;
  private static final int BODY_1_5 = 648;
  private static final int ATTRIBUTES_IN_REPORT = 512;
  private static final int ATTRIBUTES_IN_BODY = 0x78;
  private static final int MRTD_IN_BODY = 0x88;
  private static final int REPORT_DATA_IN_BODY = 0x208;
  private static final int MEASUREMENTS = REPORT_DATA_IN_BODY - MRTD_IN_BODY;
  private static final int QE_REPORT = 384;
  private static final int QE_REPORT_DATA = 320;
  private static final int KEY_PART = 32;

  private final KeyPair attestationKey;
  private final KeyPair platformKey;

  TdxQuotes() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new java.security.spec.ECGenParameterSpec("secp256r1"));
      attestationKey = generator.generateKeyPair();
      platformKey = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] sign(byte[] report, Shape shape, int padding) {
    byte[] signed = signedPart(report, shape);
    byte[] signature = signatureData(signed);
    byte[] quote = new byte[signed.length + Integer.BYTES + signature.length + padding];
    littleEndian(quote).put(signed).putInt(signature.length).put(signature);
    return quote;
  }

  private static byte[] signedPart(byte[] report, Shape shape) {
    int size = shape == Shape.V5_TD_1_5 ? BODY_1_5 : BODY_1_0;
    int body = shape == Shape.V4 ? HEADER : HEADER + BODY_DESCRIPTOR;
    byte[] bytes = new byte[body + size];
    ByteBuffer part = littleEndian(bytes);
    part.putShort((short) (shape == Shape.V4 ? 4 : 5)).putShort((short) 2).putInt(0x81);
    part.putInt(0).put(Arrays.copyOf("emulated vendor".getBytes(US_ASCII), 16));
    if (shape != Shape.V4) {
      part.putShort(HEADER, (short) (shape == Shape.V5_TD_1_0 ? 2 : 3)).putInt(HEADER + 2, size);
    }
    part.put(body + ATTRIBUTES_IN_BODY, report, ATTRIBUTES_IN_REPORT, 16);
    part.put(body + MRTD_IN_BODY, report, TdxHardware.MRTD_AT, MEASUREMENTS);
    part.put(
        body + REPORT_DATA_IN_BODY,
        report,
        TdxHardware.REPORT_DATA_AT,
        TdxHardware.REPORT_DATA_BYTES);
    return bytes;
  }

  private byte[] signatureData(byte[] signed) {
    byte[] key = point(attestationKey);
    byte[] authentication = new byte[KEY_PART];
    byte[] enclave = new byte[QE_REPORT];
    byte[] bound = TdxHardware.hash("SHA-256", key, authentication);
    System.arraycopy(bound, 0, enclave, QE_REPORT_DATA, bound.length);
    byte[] certification = new byte[QE_REPORT + SIGNATURE + 2 + KEY_PART + 2 + 4];
    littleEndian(certification)
        .put(enclave)
        .put(ecdsa(platformKey, enclave))
        .putShort((short) KEY_PART)
        .put(authentication)
        .putShort((short) 5);
    byte[] data = new byte[SIGNATURE + key.length + 2 + 4 + certification.length];
    littleEndian(data)
        .put(ecdsa(attestationKey, signed))
        .put(key)
        .putShort((short) 6)
        .putInt(certification.length)
        .put(certification);
    return data;
  }

  private static byte[] ecdsa(KeyPair key, byte[] message) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(key.getPrivate());
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] point(KeyPair key) {
    ECPublicKey publicKey = (ECPublicKey) key.getPublic();
    byte[] point = new byte[2 * KEY_PART];
    putNumber(publicKey.getW().getAffineX(), point, KEY_PART);
    putNumber(publicKey.getW().getAffineY(), point, 2 * KEY_PART);
    return point;
  }

  private static void putNumber(BigInteger number, byte[] into, int end) {
    byte[] bytes = number.toByteArray();
    int length = Math.min(bytes.length, KEY_PART); // a leading zero may be too many
    System.arraycopy(bytes, bytes.length - length, into, end - length, length);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
