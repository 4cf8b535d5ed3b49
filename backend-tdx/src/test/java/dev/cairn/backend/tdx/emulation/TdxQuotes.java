package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.platform.QuotingPlatform;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.cert.X509Certificate;
import java.util.Arrays;

/**
 * The quoting service of the host: makes a quote of a TDREPORT, signed by a platform under a root
 * of its own.
 *
 * @see "Intel TDX DCAP Quoting Library API, appendix 3 (quote format versions 4 and 5)"
 */
public final class TdxQuotes {
  /** The versions and bodies that are in the field. */
  public enum Shape {
    V4,
    V5_TD_1_0,
    V5_TD_1_5
  }

  private static final int ATTRIBUTES_IN_REPORT = 512;
  private static final int ATTRIBUTES_IN_BODY = 0x78;
  private static final int ATTRIBUTES_BYTES = 16;
  private static final int MRTD_IN_BODY = 0x88;
  private static final int REPORT_DATA_IN_BODY = 0x208;
  private static final int MEASUREMENTS = REPORT_DATA_IN_BODY - MRTD_IN_BODY;

  /** One for all emulated kernels of this process: keys take their time. Made when first used. */
  private static final class Host {
    static final QuotingPlatform PLATFORM = new QuotingPlatform();
  }

  X509Certificate rootCertificate() {
    return Host.PLATFORM.rootCertificate();
  }

  byte[] sign(byte[] report, Shape shape, int padding) {
    boolean td15 = shape == Shape.V5_TD_1_5;
    ByteBuffer body =
        ByteBuffer.allocate(td15 ? QuotingPlatform.TD15_BYTES : QuotingPlatform.TD10_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    body.put(ATTRIBUTES_IN_BODY, report, ATTRIBUTES_IN_REPORT, ATTRIBUTES_BYTES);
    body.put(MRTD_IN_BODY, report, TdxHardware.MRTD_AT, MEASUREMENTS);
    body.put(
        REPORT_DATA_IN_BODY, report, TdxHardware.REPORT_DATA_AT, TdxHardware.REPORT_DATA_BYTES);
    byte[] quote = Host.PLATFORM.quote(shape == Shape.V4 ? 4 : 5, body.array());
    return Arrays.copyOf(quote, quote.length + padding);
  }
}
