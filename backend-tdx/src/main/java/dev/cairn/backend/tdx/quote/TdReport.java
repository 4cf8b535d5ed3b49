package dev.cairn.backend.tdx.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;

/**
 * A TDREPORT: the values of the registers as the TDX module gives them inside the guest. It is
 * bound to this processor and no proof to anybody else; a quote is made from it.
 *
 * <pre>
 * offset  size  field (little-endian)
 *      0     4  type 0x81, subtype 0, version 0 or 1, reserved 0
 *      4    28  reserved, CPU SVN
 *     32    48  SHA-384 of TEE_TCB_INFO, 239 bytes from 256 on
 *     80    48  SHA-384 of TDINFO, 512 bytes from 512 on
 *    128    64  report data
 *    192    64  reserved, MAC
 *    256   256  TEE_TCB_INFO, reserved
 *    512   512  TDINFO: {@link TdInfo}, hash of service TDs, reserved
 * </pre>
 *
 * @param reportData what the caller of the report gave, 64 bytes
 * @param td registers and attributes of this guest
 * @see "Intel TDX Module ABI, TDREPORT_STRUCT"
 */
public record TdReport(Bytes reportData, TdInfo td) {
  /** How long it always is. */
  public static final int SIZE_BYTES = 1024;

  private static final String PART = "tdreport";
  private static final int TYPE = 0x81;
  private static final int MAX_VERSION = 1;
  private static final int TCB_INFO_HASH = 32;
  private static final int TD_INFO_HASH = 80;
  private static final int REPORT_DATA = 128;
  private static final int TCB_INFO = 256;
  private static final int TCB_INFO_BYTES = 239;
  private static final int TD_INFO = 512;

  /**
   * Parses a report.
   *
   * @throws MalformedEvidenceException if it is none, or its parts are not of one report: the
   *     hashes in it have to fit
   */
  public static TdReport parse(Bytes report) throws MalformedEvidenceException {
    if (report.length() != SIZE_BYTES) {
      throw new MalformedEvidenceException(
          PART, "%d bytes, needs %d".formatted(report.length(), SIZE_BYTES));
    }
    if (report.at(0) != TYPE || report.at(1) != 0 || report.at(2) > MAX_VERSION) {
      throw new MalformedEvidenceException(
          PART,
          "offset 0: type 0x%02x, subtype %d, version %d; needs 0x81 (TDX), 0, at most 1"
              .formatted(report.at(0), report.at(1), report.at(2)));
    }
    requireHash(report, TCB_INFO_HASH, TCB_INFO, TCB_INFO + TCB_INFO_BYTES, "TEE_TCB_INFO");
    requireHash(report, TD_INFO_HASH, TD_INFO, SIZE_BYTES, "TDINFO");
    Bytes data = report.slice(REPORT_DATA, REPORT_DATA + TdxQuote.REPORT_DATA_BYTES);
    PartReader in = new PartReader(PART, report.slice(TD_INFO, SIZE_BYTES), TD_INFO);
    return new TdReport(data, TdInfo.read(in));
  }

  private static void requireHash(Bytes report, int at, int from, int to, String what)
      throws MalformedEvidenceException {
    Bytes computed = HashAlgorithm.SHA384.hash(report.slice(from, to)).value();
    if (!computed.equals(report.slice(at, at + computed.length()))) {
      throw new MalformedEvidenceException(
          PART, "offset %d: not the SHA-384 of its %s at %d".formatted(at, what, from));
    }
  }
}
