package dev.cairn.evidence;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import java.util.Optional;

/**
 * The key that signed a quote, so that a caller can pin it. A good signature proves nothing unless
 * somebody knows whose the key is.
 *
 * @param subjectPublicKeyInfo the public key, DER (RFC 5280, 4.1.2.7)
 * @param name the TPM's Name of it: {@code u16 nameAlg ‖ H(TPMT_PUBLIC)}, which covers the key's
 *     attributes as well; nothing where a key has no Name. Where there is one, pin this: the bare
 *     key does not tell whether the TPM would sign anything that somebody hands to it
 * @see "TPM 2.0 Library Part 1, Names"
 */
public record SigningKey(Bytes subjectPublicKeyInfo, Optional<Bytes> name) {
  /**
   * Returns SHA-256 of the public key's DER: {@code openssl pkey -pubin -outform der | sha256sum}.
   */
  public Digest fingerprint() {
    return HashAlgorithm.SHA256.hash(subjectPublicKeyInfo);
  }

  /** Returns whether {@code pin} is the fingerprint or the Name. */
  public boolean matches(Bytes pin) {
    return pin.equals(fingerprint().value()) || name.filter(pin::equals).isPresent();
  }
}
