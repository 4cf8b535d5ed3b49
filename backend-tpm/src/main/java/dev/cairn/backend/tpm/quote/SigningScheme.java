package dev.cairn.backend.tpm.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.HashAlgorithm;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How a TPM signs: TPMT_SIG_SCHEME, and the head of TPMT_SIGNATURE.
 *
 * @param algorithm which
 * @param hash of what is signed, and of the PCR values of a quote
 * @see "TPM 2.0 Library Part 2, TPMT_SIG_SCHEME, TPMI_ALG_SIG_SCHEME"
 */
record SigningScheme(Algorithm algorithm, HashAlgorithm hash) {
  /** TPM_ALG_NULL: no scheme. */
  static final int NULL = 0x0010;

  /** The schemes that are checked here. ECDAA, SM2, ECSCHNORR and HMAC are not. */
  enum Algorithm {
    RSASSA(0x0014),
    RSAPSS(0x0016),
    ECDSA(0x0018);

    private final int tpmId;

    Algorithm(int tpmId) {
      this.tpmId = tpmId;
    }
  }

  private static final Set<HashAlgorithm> ACCEPTED =
      EnumSet.of(HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SHA512);

  /** Returns whether its hash is one that a signature can rely on. */
  boolean isAccepted() {
    return ACCEPTED.contains(hash);
  }

  /** Reads u16 scheme, u16 hash. */
  static SigningScheme read(PartReader in) throws MalformedEvidenceException {
    return readOptional(in)
        .orElseThrow(() -> in.refuse("scheme 0x%04x: not signed at all".formatted(NULL)));
  }

  /** Reads u16 scheme and, unless that is {@link #NULL}, u16 hash. */
  static Optional<SigningScheme> readOptional(PartReader in) throws MalformedEvidenceException {
    int id = in.u16("scheme");
    if (id == NULL) {
      return Optional.empty();
    }
    for (Algorithm algorithm : Algorithm.values()) {
      if (algorithm.tpmId == id) {
        return Optional.of(new SigningScheme(algorithm, in.hash("hash of the scheme")));
      }
    }
    throw in.refuse(
        "scheme 0x%04x; quotes are signed with 0x0014 (RSASSA), 0x0016 (RSAPSS) or 0x0018 (ECDSA)"
            .formatted(id));
  }

  /** Returns e.g. {@code ecdsa-sha256}. */
  @Override
  public String toString() {
    return algorithm.name().toLowerCase(Locale.ROOT) + "-" + hash.bank();
  }
}
