package dev.cairn.backend.tpm.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;

/**
 * TPMT_SIGNATURE.
 *
 * <pre>
 * ECDSA   u16 0018 | u16 hash | TPM2B r | TPM2B s
 * RSASSA  u16 0014 | u16 hash | TPM2B signature
 * RSAPSS  u16 0016 | u16 hash | TPM2B signature
 * </pre>
 *
 * @see "TPM 2.0 Library Part 2, TPMT_SIGNATURE"
 */
sealed interface QuoteSignature {
  /** Name of the part of the quote. */
  String PART = "signature";

  /** RSA-4096 has 512. */
  int MAX_BYTES = 512;

  /** Returns how it was made. */
  SigningScheme scheme();

  /** Two unsigned numbers, big-endian, with or without leading zeros. */
  record Ecdsa(SigningScheme scheme, Bytes r, Bytes s) implements QuoteSignature {}

  /** RSASSA or RSAPSS: as long as the modulus. */
  record Rsa(SigningScheme scheme, Bytes signature) implements QuoteSignature {}

  /**
   * Parses the part.
   *
   * @throws MalformedEvidenceException if it is no such signature, or one of another scheme
   */
  static QuoteSignature parse(Bytes bytes) throws MalformedEvidenceException {
    PartReader in = new PartReader(PART, bytes);
    SigningScheme scheme = SigningScheme.read(in);
    QuoteSignature signature =
        scheme.algorithm() == SigningScheme.Algorithm.ECDSA
            ? new Ecdsa(scheme, in.sized("r", MAX_BYTES), in.sized("s", MAX_BYTES))
            : new Rsa(scheme, in.sized("signature", MAX_BYTES));
    in.end();
    return signature;
  }
}
