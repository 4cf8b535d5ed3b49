package dev.cairn.backend.tdx.quote;

import dev.cairn.measure.Bytes;
import java.nio.ByteOrder;

/**
 * The SGX report of the enclave that made the attestation key.
 *
 * <pre>
 * offset  size  field (little-endian)
 *     48     8  flags; bit 1: can be debugged
 *     64    32  MRENCLAVE
 *    128    32  MRSIGNER
 *    256     2  product
 *    258     2  SVN
 *    320    64  report data
 * </pre>
 *
 * @param bytes the report, 384 bytes
 * @param debug whether the host can look into the enclave
 * @param mrSigner SHA-256 of the public key of who made it
 * @param product which of the maker's enclaves it is
 * @param svn its security version
 * @param reportData 64 bytes of its choice
 * @see "Intel SDM volume 3D, REPORT structure"
 */
record EnclaveReport(
    Bytes bytes, boolean debug, Bytes mrSigner, int product, int svn, Bytes reportData) {
  static final int SIZE_BYTES = 384;

  private static final int FLAGS = 48;
  private static final int DEBUG = 1 << 1;
  private static final int MRSIGNER = 128;
  private static final int PRODUCT = 256;
  private static final int SVN = PRODUCT + Short.BYTES;
  private static final int REPORT_DATA = 320;

  /** Takes a report apart; its length is the caller's to check. */
  static EnclaveReport parse(Bytes report) {
    var in = report.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    return new EnclaveReport(
        report,
        (report.at(FLAGS) & DEBUG) != 0,
        report.slice(MRSIGNER, MRSIGNER + 32),
        Short.toUnsignedInt(in.getShort(PRODUCT)),
        Short.toUnsignedInt(in.getShort(SVN)),
        report.slice(REPORT_DATA, SIZE_BYTES));
  }
}
