package dev.cairn.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.RegisterValues;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Quotes with a real signature of a key that the test knows: ECDSA over nonce and values. */
public final class SignedQuotes implements QuoteVerifier {
  static final String TYPE = "signed-for-tests";

  static KeyPair newKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  static Bytes publicKey(KeyPair key) {
    return Bytes.copyOf(key.getPublic().getEncoded());
  }

  static Quote sign(KeyPair key, Bytes nonce, Map<RegisterId, DigestSet> values)
      throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key.getPrivate());
    signature.update(message(nonce, values));
    return Quote.of(
        TYPE,
        Map.of(
            "nonce", nonce, "public", publicKey(key), "signature", Bytes.copyOf(signature.sign())),
        values);
  }

  /** Returns what a TPM would call the key. */
  static Bytes name(Bytes publicKey) {
    return Bytes.fromHex("000b" + HashAlgorithm.SHA256.hash(publicKey).value().toHex());
  }

  private static byte[] message(Bytes nonce, Map<RegisterId, DigestSet> values) {
    return (nonce + " " + values).getBytes(UTF_8);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public QuoteVerdict verify(Quote quote) {
    Bytes nonce = quote.parts().getOrDefault("nonce", Bytes.EMPTY);
    Bytes key = quote.parts().getOrDefault("public", Bytes.EMPTY);
    Bytes signed = quote.parts().getOrDefault("signature", Bytes.EMPTY);
    boolean good;
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initVerify(
          KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(key.toArray())));
      signature.update(message(nonce, quote.values()));
      good = signature.verify(signed.toArray());
    } catch (GeneralSecurityException e) {
      good = false;
    }
    return new QuoteVerdict(
        nonce,
        good ? RegisterValues.of(quote.values()) : RegisterValues.EMPTY,
        Optional.of(new SigningKey(key, Optional.of(name(key)))),
        List.of(new Check("signature", good, "ECDSA")),
        List.of());
  }
}
