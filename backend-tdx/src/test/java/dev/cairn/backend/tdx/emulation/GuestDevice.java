package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.fuse.Caller;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.OpenFile;
import dev.cairn.backend.tdx.fuse.Refusal;
import dev.cairn.backend.tdx.fuse.RegularFile;
import java.util.Arrays;

/**
 * The node {@code /dev/tdx_guest}: one request, TDX_CMD_GET_REPORT0. A regular file here, which
 * ioctl reaches all the same.
 *
 * @see "Linux 7.3 include/uapi/linux/tdx-guest.h"
 */
final class GuestDevice extends RegularFile {
  private static final int GET_REPORT0 = 0xC440_5401;
  private static final int MODE = 0600;

  private final TdxHardware hardware;

  GuestDevice(TdxHardware hardware) {
    super(MODE);
    this.hardware = hardware;
  }

  @Override
  public long size() {
    return 0;
  }

  @Override
  public OpenFile open(Caller caller, boolean reading, boolean writing) {
    return new OpenFile() {
      @Override
      public int ioctl(int request, byte[] argument) throws Refusal {
        if (request != GET_REPORT0) {
          throw new Refusal(Errno.ENOTTY);
        }
        byte[] data = Arrays.copyOf(argument, TdxHardware.REPORT_DATA_BYTES);
        byte[] report = hardware.report(data);
        System.arraycopy(report, 0, argument, data.length, report.length);
        return 0;
      }
    };
  }
}
