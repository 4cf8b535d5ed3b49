package dev.cairn.backend.tdx.fuse;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.Path;

/** The mount point and the device through which it is served. */
final class Mounting {
  private static final String DEVICE = "/dev/fuse";
  private static final int O_RDWR = 2;
  private static final int FLAGS = 2 | 4 | 8; // nosuid, nodev, noexec
  private static final int DETACH = 2;

  private final Path point;
  private final int device;
  private final boolean byFusermount;

  private Mounting(Path point, int device, boolean byFusermount) {
    this.point = point;
    this.device = device;
    this.byFusermount = byFusermount;
  }

  static Mounting at(Path point) throws IOException {
    int device;
    try {
      device = LibC.open(DEVICE, O_RDWR | LibC.O_CLOEXEC, 0);
    } catch (LastErrorException e) {
      throw new IOException(
          DEVICE + " is needed, errno " + e.getErrorCode() + ": load the module 'fuse'", e);
    }
    String options =
        "fd=%d,rootmode=40000,user_id=%d,group_id=%d,allow_other"
            .formatted(device, LibC.geteuid(), LibC.getegid());
    try {
      LibC.mount("cairn-emulation", point.toString(), "fuse", FLAGS, options);
      return new Mounting(point, device, false);
    } catch (LastErrorException e) {
      LibC.close(device);
      if (e.getErrorCode() != Errno.EPERM.number()) {
        throw new IOException("mount at " + point + ": errno " + e.getErrorCode(), e);
      }
    }
    return new Mounting(point, Fusermount.mount(point), true);
  }

  Path point() {
    return point;
  }

  int device() {
    return device;
  }

  void unmount() throws IOException {
    if (byFusermount) {
      Fusermount.unmount(point);
      return;
    }
    try {
      LibC.umount2(point.toString(), DETACH);
    } catch (LastErrorException e) {
      throw new IOException("umount " + point + ": errno " + e.getErrorCode(), e);
    }
  }

  /** For the end of the process, when nobody can do anything about a failure. */
  void unmountQuietly() {
    try {
      unmount();
    } catch (IOException e) {
      System.err.println(e.getMessage());
    }
  }

  void closeDevice() {
    LibC.close(device);
  }
}
