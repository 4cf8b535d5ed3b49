package dev.cairn.backend.tpm.quote;

import dev.cairn.backend.tpm.command.Hierarchy;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.SigningKey;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.Optional;

/**
 * TPMT_PUBLIC of a key that signs quotes.
 *
 * <pre>
 *       u16 type | u16 nameAlg | u32 attributes | TPM2B authPolicy | u16 symmetric, 0010 (none)
 * RSA   scheme | u16 keyBits | u32 exponent, 0 = 65537 | TPM2B modulus
 * ECC   scheme | u16 curve | u16 kdf, 0010 (none) | TPM2B x | TPM2B y
 * </pre>
 *
 * @param encoded all of it
 * @param nameAlg the hash of the Name
 * @param attributes what the TPM allows
 * @param scheme how it signs; nothing if every command says so itself
 * @param key the same key for the Java runtime
 * @see "TPM 2.0 Library Part 2, TPMT_PUBLIC; Part 1, Names"
 */
record PublicArea(
    Bytes encoded,
    HashAlgorithm nameAlg,
    KeyAttributes attributes,
    Optional<SigningScheme> scheme,
    PublicKey key) {
  /** Name of the part of the quote. */
  static final String PART = "public";

  /** Name of the part with the same key as a SubjectPublicKeyInfo, for those who know no TPM. */
  static final String KEY_PART = "key";

  private static final int RSA = 0x0001;
  private static final int ECC = 0x0023;
  private static final int MAX_POLICY_BYTES = 64;

  static PublicArea parse(Bytes bytes) throws MalformedEvidenceException {
    PartReader in = new PartReader(PART, bytes);
    int type = in.u16("type");
    if (type != RSA && type != ECC) {
      throw in.refuse("type 0x%04x, needs 0x0001 (RSA) or 0x0023 (ECC)".formatted(type));
    }
    HashAlgorithm nameAlg = in.hash("name algorithm");
    KeyAttributes attributes = new KeyAttributes(in.u32("attributes"));
    in.sized("policy", MAX_POLICY_BYTES);
    none(in, "symmetric algorithm", "a storage key signs nothing");
    Optional<SigningScheme> scheme = SigningScheme.readOptional(in);
    PublicKey key = type == RSA ? PublicNumbers.readRsa(in) : readEcc(in);
    in.end();
    return new PublicArea(bytes, nameAlg, attributes, scheme, key);
  }

  private static PublicKey readEcc(PartReader in) throws MalformedEvidenceException {
    Curve curve = Curve.read(in);
    none(in, "key derivation function", "a signing key has none");
    return PublicNumbers.readEcc(in, curve);
  }

  private static void none(PartReader in, String field, String why)
      throws MalformedEvidenceException {
    int id = in.u16(field);
    if (id != SigningScheme.NULL) {
      throw in.refuse("%s 0x%04x, needs 0x%04x: %s".formatted(field, id, SigningScheme.NULL, why));
    }
  }

  /** Returns {@code u16 nameAlg ‖ H(TPMT_PUBLIC)}. */
  Bytes name() {
    MessageDigest digest = nameAlg.newDigest();
    encoded.feed(digest);
    return named(digest);
  }

  /** Returns {@code u16 nameAlg ‖ H(u32 hierarchy ‖ Name)}: what signs as a primary key. */
  Bytes qualifiedNameIn(Hierarchy hierarchy) {
    MessageDigest digest = nameAlg.newDigest();
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(hierarchy.handle()).flip());
    name().feed(digest);
    return named(digest);
  }

  private Bytes named(MessageDigest digest) {
    ByteBuffer name = ByteBuffer.allocate(Short.BYTES + nameAlg.sizeBytes());
    return Bytes.owning(name.putShort((short) nameAlg.tpmId()).put(digest.digest()).array());
  }

  /** Returns the key as a DER SubjectPublicKeyInfo. */
  Bytes subjectPublicKeyInfo() {
    return Bytes.owning(key.getEncoded());
  }

  /** Returns what identifies it to those who pin it. */
  SigningKey signingKey() {
    return new SigningKey(subjectPublicKeyInfo(), Optional.of(name()));
  }
}
