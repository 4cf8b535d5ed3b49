package dev.cairn.backend.tdx.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * A TDX quote as it is laid out, signed or not; {@link TdxQuoteVerifier} says what it is worth.
 *
 * <pre>
 * offset  size  field (little-endian)
 *      0     2  version: 4 or 5
 *      2     2  type of the attestation key: 2, ECDSA P-256
 *      4     4  type of the guest: 0x81, TDX
 *      8     4  SVNs
 *     12    16  who made the quoting enclave; Intel: 939a7233f79c4ca9940a0db3957f0607
 *     28    20  user data
 *
 * version 4                        version 5
 *     48   584  body TD 1.0            48     2  type of the body: 2 TD 1.0, 3 TD 1.5
 *                                      50     4  its size: 584 or 648
 *                                      54   584  body TD 1.0, or
 *                                           648  body TD 1.5
 *    632     4  size of signature    638 or 702  4  size of signature
 *    636        signature                        signature, see {@link QuoteSignature}
 *
 * body    0   120  SVN, MRSEAM (48), MRSIGNERSEAM (48), SEAMATTRIBUTES (8)
 *       120   400  {@link TdInfo}
 *       520    64  report data
 *       584    64  TD 1.5 only: second SVN (16), MRSERVICETD (48)
 * </pre>
 *
 * <p>Behind the signature there may be anything: the kernel's buffer is longer than the quote, and
 * nobody signs the rest.
 *
 * @param version 4 or 5
 * @param vendor who made the quoting enclave, 16 bytes
 * @param module which TDX module ran the guest
 * @param td registers and attributes of the guest
 * @param reportData what the guest had put in, 64 bytes
 * @param signed header and body: the bytes that the attestation key signs
 * @param signature the signature section, empty where nobody signed
 * @param trailing what lies behind the signature
 * @see "Intel TDX DCAP Quoting Library API, A.3 TD Quote Format"
 */
public record TdxQuote(
    int version,
    Bytes vendor,
    Module module,
    TdInfo td,
    Bytes reportData,
    Bytes signed,
    Bytes signature,
    Bytes trailing) {
  /** The {@link Quote#type()}. */
  public static final String TYPE = "tdx";

  /** Name of the one part of a {@link Quote} of this type. */
  public static final String PART = "quote";

  /** How many bytes a guest may have signed along with its registers. */
  public static final int REPORT_DATA_BYTES = 64;

  private static final int ECDSA_P256 = 2;
  private static final int TDX = 0x81;
  private static final int BODY_TD10 = 2;
  private static final int BODY_TD15 = 3;
  private static final int TD10_BYTES = 584;
  private static final int TD15_BYTES = 648;
  private static final int RECOGNISED_BYTES = Short.BYTES + Short.BYTES + Integer.BYTES;

  /**
   * The TDX module, and the SVNs of what it stands on.
   *
   * @param teeTcbSvn 16 bytes, to be compared with Intel's TCB info
   * @param mrSeam SHA-384 of the module
   * @param mrSignerSeam who signed it; zeros: Intel
   * @param attributes 8 bytes; zeros for every module in the field
   */
  public record Module(Bytes teeTcbSvn, Bytes mrSeam, Bytes mrSignerSeam, Bytes attributes) {}

  /**
   * Parses a quote.
   *
   * @throws MalformedEvidenceException if it is none, or of a kind that Cairn does not know
   */
  public static TdxQuote parse(Bytes quote) throws MalformedEvidenceException {
    PartReader in = new PartReader(PART, quote);
    int version = in.u16("version");
    if (version != 4 && version != 5) {
      throw in.refuse("version %d, needs 4 or 5".formatted(version));
    }
    in.expect("attestation key type", in.u16("attestation key type"), ECDSA_P256, "ECDSA P-256");
    in.expect("TEE type", in.u32("TEE type"), TDX, "TDX");
    in.skip("SVNs", 2 * Short.BYTES);
    Bytes vendor = in.bytes("QE vendor", 16);
    in.skip("user data", 20);
    boolean td15 = version == 5 && readBodyHead(in);
    Module module =
        new Module(
            in.bytes("TEE_TCB_SVN", 16),
            in.bytes("MRSEAM", TdInfo.REGISTER_BYTES),
            in.bytes("MRSIGNERSEAM", TdInfo.REGISTER_BYTES),
            in.bytes("SEAMATTRIBUTES", TdInfo.FLAGS_BYTES));
    TdInfo td = TdInfo.read(in);
    Bytes reportData = in.bytes("report data", REPORT_DATA_BYTES);
    if (td15) {
      in.skip("TEE_TCB_SVN_2 and MRSERVICETD", TD15_BYTES - TD10_BYTES);
    }
    Bytes signed = quote.slice(0, in.offset());
    Bytes signature = in.bytes("signature", in.u32("size of the signature"));
    return new TdxQuote(version, vendor, module, td, reportData, signed, signature, in.rest());
  }

  /** Returns whether the body is one of TD 1.5. */
  private static boolean readBodyHead(PartReader in) throws MalformedEvidenceException {
    int type = in.u16("body type");
    if (type != BODY_TD10 && type != BODY_TD15) {
      throw in.refuse("body type %d, needs 2 (TD 1.0) or 3 (TD 1.5)".formatted(type));
    }
    boolean td15 = type == BODY_TD15;
    long size = in.u32("body size");
    in.expect("body size", size, td15 ? TD15_BYTES : TD10_BYTES, "of body type " + type);
    return td15;
  }

  /**
   * Returns whether a file that begins with {@code head} is a TDX quote, damaged or not; 8 bytes
   * are enough.
   */
  public static boolean recognises(Bytes head) {
    if (head.length() < RECOGNISED_BYTES) {
      return false;
    }
    ByteBuffer in = head.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    int version = in.getShort();
    return (version == 4 || version == 5) && in.getShort() == ECDSA_P256 && in.getInt() == TDX;
  }

  /**
   * Makes what travels from a quote as the kernel gave it: the whole quote, and what it says that
   * the registers hold.
   *
   * @throws MalformedEvidenceException if it is no quote
   */
  public static Quote toQuote(Bytes quote) throws MalformedEvidenceException {
    return Quote.of(TYPE, Map.of(PART, quote), parse(quote).td().values());
  }

  /** Returns where the signature section begins. */
  int signatureOffset() {
    return signed.length() + Integer.BYTES;
  }
}
