package dev.cairn.backend.tdx.platform;

import java.util.Arrays;

/**
 * The body of a quote: what the module says about a guest. Offsets as Intel's document and the
 * kernel's have them.
 */
public final class GuestBody {
  private static final int SEAM_SIGNER = 0x40;
  private static final int SEAM_ATTRIBUTES = 0x70;
  private static final int TD_ATTRIBUTES = 0x78;
  private static final int MRTD = 0x88;
  private static final int RTMR0 = 0x148;
  private static final int REPORT_DATA = 0x208;
  private static final int REGISTER_BYTES = 48;

  private final byte[] bytes;

  private GuestBody(int size) {
    bytes = new byte[size];
  }

  /** Starts a body of a TD 1.0 guest, all zeros. */
  public static GuestBody td10() {
    return new GuestBody(QuotingPlatform.TD10_BYTES);
  }

  /** Starts a body of a TD 1.5 guest, all zeros. */
  public static GuestBody td15() {
    return new GuestBody(QuotingPlatform.TD15_BYTES);
  }

  /** Sets the build-time measurement. */
  public GuestBody mrtd(byte[] value) {
    return put(MRTD, value, REGISTER_BYTES);
  }

  /** Sets a run-time register, 0 to 3. */
  public GuestBody rtmr(int number, byte[] value) {
    return put(RTMR0 + number * REGISTER_BYTES, value, REGISTER_BYTES);
  }

  /** Sets the report data, 64 bytes. */
  public GuestBody reportData(byte[] data) {
    return put(REPORT_DATA, data, 64);
  }

  /** Lets the host look into it. */
  public GuestBody debug() {
    bytes[TD_ATTRIBUTES] = 1;
    return this;
  }

  /** Has a module that somebody else signed. */
  public GuestBody foreignModule() {
    bytes[SEAM_SIGNER + REGISTER_BYTES - 1] = 1;
    return this;
  }

  /** Has a module with an attribute. */
  public GuestBody moduleAttributes() {
    bytes[SEAM_ATTRIBUTES + 3] = 1;
    return this;
  }

  private GuestBody put(int at, byte[] value, int length) {
    if (value.length != length) {
      throw new IllegalArgumentException(value.length + " bytes, needs " + length);
    }
    System.arraycopy(value, 0, bytes, at, length);
    return this;
  }

  /** Returns a copy of the body. */
  public byte[] bytes() {
    return Arrays.copyOf(bytes, bytes.length);
  }
}
