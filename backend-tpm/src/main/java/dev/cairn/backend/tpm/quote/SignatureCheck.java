package dev.cairn.backend.tpm.quote;

import dev.cairn.measure.Bytes;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether a key of a TPM made a signature. */
final class SignatureCheck {
  private SignatureCheck() {}

  /** Returns why {@code signature} is none of {@code key} over {@code signed}; nothing if it is. */
  static Optional<String> failure(PublicArea key, QuoteSignature signature, Bytes signed) {
    SigningScheme scheme = signature.scheme();
    if (key.scheme().isPresent() && !key.scheme().get().equals(scheme)) {
      return Optional.of(
          "the key signs with %s, the signature is %s".formatted(key.scheme().get(), scheme));
    }
    if (!scheme.isAccepted()) {
      return Optional.of("%s: not accepted; needs sha256, sha384 or sha512".formatted(scheme));
    }
    try {
      boolean good =
          signature instanceof QuoteSignature.Ecdsa ecdsa
              ? ecdsa(key.key(), ecdsa, signed)
              : rsa(key.key(), (QuoteSignature.Rsa) signature, signed);
      return good ? Optional.empty() : Optional.of(scheme + " does not verify");
    } catch (SignatureException e) {
      return Optional.of("%s does not verify: %s".formatted(scheme, e.getMessage()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime cannot check " + scheme, e);
    }
  }

  private static boolean ecdsa(PublicKey key, QuoteSignature.Ecdsa signature, Bytes signed)
      throws GeneralSecurityException {
    if (!(key instanceof ECPublicKey ecc)) {
      throw new SignatureException("the key is RSA");
    }
    BigInteger order = ecc.getParams().getOrder();
    int bytes = (order.bitLength() + Byte.SIZE - 1) / Byte.SIZE;
    byte[] rs = new byte[2 * bytes];
    pad(inRange("r", signature.r(), order), rs, bytes);
    pad(inRange("s", signature.s(), order), rs, 2 * bytes);
    return verify(shaName(signature) + "withECDSAinP1363Format", null, key, signed, rs);
  }

  /** Not every Java 17 refuses r = s = 0, which would fit every key and message. */
  private static BigInteger inRange(String name, Bytes bytes, BigInteger order)
      throws SignatureException {
    BigInteger number = PublicNumbers.unsigned(bytes);
    if (number.signum() == 0 || number.compareTo(order) >= 0) {
      throw new SignatureException(name + " is not between 1 and the order of the curve");
    }
    return number;
  }

  private static void pad(BigInteger number, byte[] target, int end) {
    byte[] signed = number.toByteArray();
    int skip = signed[0] == 0 ? 1 : 0;
    int length = signed.length - skip;
    System.arraycopy(signed, skip, target, end - length, length);
  }

  private static boolean rsa(PublicKey key, QuoteSignature.Rsa signature, Bytes signed)
      throws GeneralSecurityException {
    if (!(key instanceof RSAPublicKey rsa)) {
      throw new SignatureException("the key is ECC");
    }
    byte[] bytes = signature.signature().toArray();
    if (signature.scheme().algorithm() == SigningScheme.Algorithm.RSASSA) {
      return verify(shaName(signature) + "withRSA", null, key, signed, bytes);
    }
    // TPMs differ: the longest salt that fits, or (FIPS 186-4) one as long as the hash
    int hashBytes = signature.scheme().hash().sizeBytes();
    int longest = (rsa.getModulus().bitLength() - 1 + Byte.SIZE - 1) / Byte.SIZE - hashBytes - 2;
    return pss(signature, hashBytes, key, signed, bytes)
        || pss(signature, longest, key, signed, bytes);
  }

  private static boolean pss(
      QuoteSignature.Rsa signature, int saltBytes, PublicKey key, Bytes signed, byte[] bytes)
      throws GeneralSecurityException {
    String hash = "SHA-" + shaName(signature).substring("SHA".length());
    AlgorithmParameterSpec parameters =
        new PSSParameterSpec(
            hash,
            "MGF1",
            new MGF1ParameterSpec(hash),
            saltBytes,
            PSSParameterSpec.TRAILER_FIELD_BC);
    return verify("RSASSA-PSS", parameters, key, signed, bytes);
  }

  private static String shaName(QuoteSignature signature) {
    return signature.scheme().hash().name();
  }

  private static boolean verify(
      String javaName,
      @Nullable AlgorithmParameterSpec parameters,
      PublicKey key,
      Bytes signed,
      byte[] signature)
      throws GeneralSecurityException {
    Signature verifier = Signature.getInstance(javaName);
    if (parameters != null) {
      verifier.setParameter(parameters);
    }
    verifier.initVerify(key);
    verifier.update(signed.toArray());
    return verifier.verify(signature);
  }
}
