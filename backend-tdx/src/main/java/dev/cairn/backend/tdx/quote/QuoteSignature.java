package dev.cairn.backend.tdx.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;

/**
 * The signature section of a quote whose attestation key is ECDSA P-256.
 *
 * <pre>
 * offset  size  field (little-endian)
 *      0    64  signature of header and body: r, s
 *     64    64  attestation key: x, y
 *    128     2  type of the certification data: 6
 *    130     4  its size: all that follows
 *    134   384  report of the quoting enclave, {@link EnclaveReport}
 *    518    64  signature of that report by the PCK: r, s
 *    582     2  size a of the authentication data
 *    584     a  authentication data
 *  584+a     2  type of the inner certification data: 5
 *  586+a     4  its size: all that follows
 *  590+a        PCK certificate and its chain, PEM, usually a NUL at the end
 * </pre>
 *
 * @param signature of header and body, 64 bytes
 * @param attestationKey that made it, 64 bytes
 * @param enclave says by its report data whose the attestation key is
 * @param enclaveSignature of the report, 64 bytes
 * @param authData hashed together with the attestation key
 * @param chain PEM certificates, the PCK's first
 * @see "Intel TDX DCAP Quoting Library API, A.3.8 ECDSA 256-bit Quote Signature Data Structure"
 */
record QuoteSignature(
    Bytes signature,
    Bytes attestationKey,
    EnclaveReport enclave,
    Bytes enclaveSignature,
    Bytes authData,
    PckChain chain) {
  private static final int QE_REPORT = 6;
  private static final int PCK_CHAIN = 5;

  /**
   * Parses the section.
   *
   * @throws MalformedEvidenceException if it is of another kind, or a length in it does not fit
   */
  static QuoteSignature of(TdxQuote quote) throws MalformedEvidenceException {
    PartReader in = new PartReader(TdxQuote.PART, quote.signature(), quote.signatureOffset());
    Bytes signature = in.bytes("signature", EcdsaP256.RAW_BYTES);
    Bytes key = in.bytes("attestation key", EcdsaP256.RAW_BYTES);
    certificationData(in, QE_REPORT, "report of the quoting enclave");
    Bytes report = in.bytes("report of the quoting enclave", EnclaveReport.SIZE_BYTES);
    Bytes reportSignature = in.bytes("signature of the report", EcdsaP256.RAW_BYTES);
    Bytes auth = in.bytes("authentication data", in.u16("size of the authentication data"));
    certificationData(in, PCK_CHAIN, "PCK certificate chain");
    PckChain chain = PckChain.parse(in.rest(), in.offset());
    return new QuoteSignature(
        signature, key, EnclaveReport.parse(report), reportSignature, auth, chain);
  }

  private static void certificationData(PartReader in, int type, String meaning)
      throws MalformedEvidenceException {
    String field = "certification data type";
    in.expect(field, in.u16(field), type, meaning);
    in.expectRest("certification data size", in.u32("certification data size"));
  }
}
