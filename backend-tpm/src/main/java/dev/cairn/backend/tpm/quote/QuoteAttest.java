package dev.cairn.backend.tpm.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;

/**
 * TPMS_ATTEST of a quote: the bytes that the TPM signed.
 *
 * <pre>
 * u32 magic FF544347 | u16 type 8018 | TPM2B qualifiedSigner | TPM2B extraData
 * u64 clock | u32 resetCount | u32 restartCount | u8 safe | u64 firmwareVersion
 * TPML_PCR_SELECTION | TPM2B pcrDigest
 * </pre>
 *
 * @param qualifiedSigner qualified Name of the key: {@code u16 nameAlg ‖ H(qualified Name of its
 *     parent ‖ Name)}
 * @param nonce what the verifier chose
 * @param clockMillis how long the TPM has run in its whole life; unsigned
 * @param resetCount of cold boots; plus a constant of the key's unless the key is in the
 *     endorsement or platform hierarchy
 * @param restartCount of resumes since the last cold boot; with the same constant
 * @param safe whether the clock certainly never went back
 * @param firmwareVersion the TPM's; with a constant like that of the counts
 * @param selection which PCRs
 * @param pcrDigest over their values, with the hash of the signature
 * @see "TPM 2.0 Library Part 2, TPMS_ATTEST, TPMS_CLOCK_INFO, TPMS_QUOTE_INFO"
 */
record QuoteAttest(
    Bytes qualifiedSigner,
    Bytes nonce,
    long clockMillis,
    long resetCount,
    long restartCount,
    boolean safe,
    long firmwareVersion,
    QuotedSelection selection,
    Bytes pcrDigest) {
  /** Name of the part of the quote. */
  static final String PART = "attest";

  /** First bytes of everything that a TPM makes and signs; it signs nothing else that has them. */
  static final long MAGIC = 0xFF54_4347L;

  /** TPM_ST_ATTEST_QUOTE. */
  static final int TYPE = 0x8018;

  private static final int MAX_DIGEST_BYTES = 64;
  private static final int MAX_NAME_BYTES = Short.BYTES + MAX_DIGEST_BYTES;

  static QuoteAttest parse(Bytes bytes) throws MalformedEvidenceException {
    PartReader in = new PartReader(PART, bytes);
    long magic = in.u32("magic");
    if (magic != MAGIC) {
      throw in.refuse("magic 0x%08x, needs 0x%08x (made by a TPM)".formatted(magic, MAGIC));
    }
    int type = in.u16("type");
    if (type != TYPE) {
      throw in.refuse("type 0x%04x, needs 0x%04x (quote)".formatted(type, TYPE));
    }
    QuoteAttest attest =
        new QuoteAttest(
            in.sized("qualified signer", MAX_NAME_BYTES),
            in.sized("nonce", MAX_NAME_BYTES),
            in.u64("clock"),
            in.u32("reset count"),
            in.u32("restart count"),
            yesOrNo(in),
            in.u64("firmware version"),
            QuotedSelection.read(in),
            in.sized("PCR digest", MAX_DIGEST_BYTES));
    in.end();
    return attest;
  }

  private static boolean yesOrNo(PartReader in) throws MalformedEvidenceException {
    int value = in.u8("safe");
    if (value > 1) {
      throw in.refuse("safe is %d, needs 0 or 1".formatted(value));
    }
    return value == 1;
  }
}
