package dev.cairn.backend.tdx.emulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.backend.tdx.emulation.Faults.Place;
import dev.cairn.backend.tdx.fuse.Refusal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The registers of a TDX guest, as the TDX module keeps them. RTMR 0 and 1 hold what firmware has
 * measured, 2 and 3 are zero.
 *
 * <pre>
 * TDREPORT, 1,024 bytes
 * offset  size
 *      0     1  0x81: TDX
 *     32    48  SHA-384 of 239 bytes from 256 on
 *     80    48  SHA-384 of 512 bytes from 512 on
 *    128    64  report data
 *    528    48  MRTD; then MRCONFIGID, MROWNER, MROWNERCONFIG
 *    720    48  RTMR 0; then 1, 2, 3
 * </pre>
 *
 * @see "Intel TDX Module ABI, TDREPORT_STRUCT; Linux 7.3 arch/x86/coco/tdx/tdx.c"
 */
public final class TdxHardware {
  static final int RTMRS = 4;
  static final int DIGEST_BYTES = 48;
  static final int REPORT_DATA_BYTES = 64;
  static final int REPORT_BYTES = 1024;
  static final int REPORT_DATA_AT = 128;
  static final int MRTD_AT = 528;
  static final int RTMR_AT = 720;

  private static final byte TDX_TYPE = (byte) 0x81;

  private final Object lock;
  private final Faults faults;
  private final byte[][] rtmrs = new byte[RTMRS][];
  private final List<List<byte[]>> extended = new ArrayList<>();
  private byte[] report = new byte[REPORT_BYTES];
  private int reports;

  TdxHardware(Object lock, Faults faults) {
    this.lock = lock;
    this.faults = faults;
    reset();
  }

  /** Does what a reset of the machine does. */
  void reset() {
    extended.clear();
    for (int i = 0; i < RTMRS; i++) {
      rtmrs[i] = i < 2 ? sha384(("firmware " + i).getBytes(US_ASCII)) : new byte[DIGEST_BYTES];
      extended.add(new ArrayList<>());
    }
    report = newReport(new byte[REPORT_DATA_BYTES]); // as the driver does when it is loaded
  }

  /** Extends RTMR {@code index} with 48 bytes: TDG.MR.RTMR.EXTEND. */
  void extend(int index, byte[] digest) throws Refusal {
    faults.at(
        Place.EXTEND,
        () -> {
          rtmrs[index] = sha384(rtmrs[index], digest);
          extended.get(index).add(digest.clone());
          return index;
        });
  }

  /** Makes a report of all values: TDG.MR.REPORT. The driver keeps the last one. */
  byte[] report(byte[] reportData) throws Refusal {
    report = faults.at(Place.REFRESH, () -> newReport(reportData));
    reports++;
    return report;
  }

  /** Returns the report that the driver keeps; to be left unchanged. */
  byte[] lastReport() {
    return report;
  }

  private byte[] newReport(byte[] reportData) {
    byte[] fresh = new byte[REPORT_BYTES];
    fresh[0] = TDX_TYPE;
    System.arraycopy(reportData, 0, fresh, REPORT_DATA_AT, REPORT_DATA_BYTES);
    System.arraycopy(
        sha384("emulated trust domain".getBytes(US_ASCII)), 0, fresh, MRTD_AT, DIGEST_BYTES);
    for (int i = 0; i < RTMRS; i++) {
      System.arraycopy(rtmrs[i], 0, fresh, RTMR_AT + i * DIGEST_BYTES, DIGEST_BYTES);
    }
    putHash(fresh, 32, 256, 239);
    putHash(fresh, 80, 512, 512);
    return fresh;
  }

  private static void putHash(byte[] report, int at, int from, int length) {
    byte[] part = Arrays.copyOfRange(report, from, from + length);
    System.arraycopy(sha384(part), 0, report, at, DIGEST_BYTES);
  }

  /** Returns what RTMR {@code index} holds. */
  public byte[] rtmr(int index) {
    synchronized (lock) {
      return rtmrs[index].clone();
    }
  }

  /** Puts {@code value} into RTMR {@code index}: a machine in another state, not an extend. */
  public void setRtmr(int index, byte[] value) {
    synchronized (lock) {
      rtmrs[index] = Arrays.copyOf(value, DIGEST_BYTES);
    }
  }

  /** Extends RTMR {@code index} as somebody else would, whatever faults there are. */
  public void extendByOthers(int index, byte[] digest) {
    synchronized (lock) {
      rtmrs[index] = sha384(rtmrs[index], digest);
    }
  }

  /** Returns the digests that RTMR {@code index} was extended with, except by others. */
  public List<byte[]> extended(int index) {
    synchronized (lock) {
      return List.copyOf(extended.get(index));
    }
  }

  /** Returns how many reports have been made. */
  public int reports() {
    synchronized (lock) {
      return reports;
    }
  }

  /** Returns SHA-384 of {@code parts}, one after the other. */
  public static byte[] sha384(byte[]... parts) {
    return hash("SHA-384", parts);
  }

  static byte[] hash(String algorithm, byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
