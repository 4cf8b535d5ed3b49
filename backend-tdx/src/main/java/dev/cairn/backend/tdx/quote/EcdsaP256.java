package dev.cairn.backend.tdx.quote;

import dev.cairn.measure.Bytes;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Optional;

/** ECDSA over P-256 with SHA-256; keys and signatures are two big-endian numbers of 32 bytes. */
final class EcdsaP256 {
  /** Length of a key (x, y) and of a signature (r, s). */
  static final int RAW_BYTES = 64;

  private static final int NUMBER_BYTES = RAW_BYTES / 2;
  private static final ECParameterSpec CURVE = curve();

  private EcdsaP256() {}

  /** Returns the key at this point; nothing if the point is not on the curve. */
  static Optional<PublicKey> key(Bytes raw) {
    BigInteger x = number(raw, 0);
    BigInteger y = number(raw, NUMBER_BYTES);
    BigInteger p = ((ECFieldFp) CURVE.getCurve().getField()).getP();
    BigInteger right =
        x.pow(3).add(CURVE.getCurve().getA().multiply(x)).add(CURVE.getCurve().getB()).mod(p);
    if (x.compareTo(p) >= 0 || y.compareTo(p) >= 0 || !y.pow(2).mod(p).equals(right)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          KeyFactory.getInstance("EC")
              .generatePublic(new ECPublicKeySpec(new ECPoint(x, y), CURVE)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime has no P-256", e);
    }
  }

  /** Returns whether {@code key} signed {@code message}; never if it is of another curve. */
  static boolean verifies(PublicKey key, Bytes message, Bytes signature) {
    if (!isOfCurve(key)
        || !isInRange(number(signature, 0))
        || !isInRange(number(signature, NUMBER_BYTES))) {
      return false;
    }
    try {
      Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
      verifier.initVerify(key);
      verifier.update(message.toArray());
      return verifier.verify(signature.toArray());
    } catch (InvalidKeyException | SignatureException e) {
      return false; // a certificate may hold any point
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime cannot check ECDSA P-256", e);
    }
  }

  private static boolean isOfCurve(PublicKey key) {
    return key instanceof ECPublicKey ec
        && ec.getParams().getCurve().equals(CURVE.getCurve())
        && ec.getParams().getGenerator().equals(CURVE.getGenerator());
  }

  /** Not every Java 17 refuses r = s = 0, which would fit every key and message. */
  private static boolean isInRange(BigInteger number) {
    return number.signum() > 0 && number.compareTo(CURVE.getOrder()) < 0;
  }

  private static BigInteger number(Bytes raw, int from) {
    return new BigInteger(1, raw.slice(from, from + NUMBER_BYTES).toArray());
  }

  private static ECParameterSpec curve() {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec("secp256r1"));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime has no P-256", e);
    }
  }
}
