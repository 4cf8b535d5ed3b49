package dev.cairn.backend.tpm.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;
import java.security.spec.RSAPublicKeySpec;

/**
 * Makes keys of the Java runtime from the numbers in a TPM's public area. A point that is not on
 * its curve and a modulus that is too short are refused here: not every runtime does.
 */
final class PublicNumbers {
  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 4096;
  private static final int MAX_RSA_BYTES = MAX_RSA_BITS / Byte.SIZE;
  private static final int MAX_COORDINATE_BYTES = 66;

  /** What an exponent of 0 stands for. */
  private static final long DEFAULT_EXPONENT = 65537;

  private PublicNumbers() {}

  /** Reads u16 keyBits, u32 exponent, TPM2B modulus. */
  static PublicKey readRsa(PartReader in) throws MalformedEvidenceException {
    int bits = in.u16("key bits");
    if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS || bits % Byte.SIZE != 0) {
      throw in.refuse(
          "RSA key of %d bits, needs %d to %d".formatted(bits, MIN_RSA_BITS, MAX_RSA_BITS));
    }
    long exponent = in.u32("exponent");
    if (exponent == 0) {
      exponent = DEFAULT_EXPONENT;
    }
    if (exponent < 3 || exponent % 2 == 0) {
      throw in.refuse("RSA exponent %d, needs an odd number from 3 on".formatted(exponent));
    }
    BigInteger modulus = unsigned(in.sized("modulus", MAX_RSA_BYTES));
    if (modulus.bitLength() != bits) {
      throw in.refuse("modulus of %d bits, needs %d".formatted(modulus.bitLength(), bits));
    }
    try {
      return KeyFactory.getInstance("RSA")
          .generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(exponent)));
    } catch (GeneralSecurityException e) {
      throw in.refuse("RSA key that this Java runtime refuses: " + e.getMessage());
    }
  }

  /** Reads TPM2B x, TPM2B y. */
  static PublicKey readEcc(PartReader in, Curve curve) throws MalformedEvidenceException {
    ECParameterSpec parameters = curve.parameters();
    BigInteger x = unsigned(in.sized("x", MAX_COORDINATE_BYTES));
    BigInteger y = unsigned(in.sized("y", MAX_COORDINATE_BYTES));
    if (!isOnCurve(x, y, parameters.getCurve())) {
      throw in.refuse("x and y are no point of " + curve);
    }
    try {
      return KeyFactory.getInstance("EC")
          .generatePublic(new ECPublicKeySpec(new ECPoint(x, y), parameters));
    } catch (GeneralSecurityException e) {
      throw in.refuse("ECC key that this Java runtime refuses: " + e.getMessage());
    }
  }

  static BigInteger unsigned(Bytes bigEndian) {
    return new BigInteger(1, bigEndian.toArray());
  }

  /** y² = x³ + ax + b mod p; the curves here have no cofactor. */
  private static boolean isOnCurve(BigInteger x, BigInteger y, EllipticCurve curve) {
    BigInteger p = ((ECFieldFp) curve.getField()).getP();
    if (x.compareTo(p) >= 0 || y.compareTo(p) >= 0) {
      return false;
    }
    BigInteger right = x.multiply(x).add(curve.getA()).multiply(x).add(curve.getB());
    return y.multiply(y).subtract(right).mod(p).signum() == 0;
  }
}
