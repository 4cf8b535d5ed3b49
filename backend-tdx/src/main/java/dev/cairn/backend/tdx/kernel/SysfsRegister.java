package dev.cairn.backend.tdx.kernel;

import dev.cairn.linux.Descriptor;
import dev.cairn.linux.Errno;
import dev.cairn.linux.ErrnoException;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file of a {@code measurements} folder. An extend is one write of exactly the register's size
 * at offset 0; a value is one read at offset 0. The descriptor is kept between calls, which the
 * kernel allows: nothing happens at close. After any error it is opened anew.
 *
 * <pre>
 * write(2) of the TDX guest driver says   so the register is
 * ENXIO, EBUSY                            unchanged: the TDX module refused the operand, or is busy
 * EINTR                                   unchanged: interrupted while waiting for a lock
 * EINVAL, EFBIG, ENODEV, EACCES           unchanged: refused before the driver was called
 * EIO, everything else                    unknown
 * </pre>
 *
 * Of other drivers nothing is known, so every error of theirs leaves it unknown.
 *
 * @see "Linux 7.3 drivers/virt/coco/guest/tsm-mr.c, drivers/virt/coco/tdx-guest/tdx-guest.c,
 *     arch/x86/coco/tdx/tdx.c (tdx_mcall_extend_rtmr), fs/sysfs/file.c"
 */
final class SysfsRegister {
  private final KernelRegister register;
  private final Path path;
  private final boolean tdx;
  private final ByteBuffer buffer;
  private int flags = Descriptor.O_RDONLY;
  private @Nullable Descriptor kept;

  /**
   * Makes one; opens nothing.
   *
   * @param tdx whether the driver is that of TDX, whose errors are known
   */
  SysfsRegister(KernelRegister register, Path path, boolean tdx) {
    this.register = register;
    this.path = path;
    this.tdx = tdx;
    this.buffer = ByteBuffer.allocateDirect(register.algorithm().sizeBytes());
  }

  KernelRegister register() {
    return register;
  }

  private RegisterId id() {
    return register.id();
  }

  void claim() throws BackendException {
    release();
    flags = Descriptor.O_RDWR;
    try {
      opened();
    } catch (ErrnoException e) {
      throw Refusals.claim(id(), e);
    }
  }

  private Descriptor opened() throws ErrnoException {
    if (kept == null) {
      kept = Descriptor.open(path, flags);
    }
    return kept;
  }

  Digest read() throws BackendException {
    Pauses pauses = Pauses.forBusy();
    while (true) {
      boolean wasOpen = kept != null;
      try {
        return readOnce();
      } catch (ErrnoException e) {
        release();
        boolean driverReloaded = wasOpen && e.errno() == Errno.ENODEV;
        if (!driverReloaded && !(Refusals.isMomentary(e.errno()) && pauses.again())) {
          throw Refusals.read(id(), pauses.attempts() + " attempts", e);
        }
      }
    }
  }

  private Digest readOnce() throws ErrnoException, BackendException {
    HashAlgorithm algorithm = register.algorithm();
    int count = opened().read(buffer.clear(), 0);
    if (count != algorithm.sizeBytes()) {
      throw Refusals.read(
          id(), "%s: %d bytes, needs %d".formatted(path, count, algorithm.sizeBytes()), null);
    }
    byte[] value = new byte[count];
    buffer.flip().get(value);
    return new Digest(algorithm, Bytes.owning(value));
  }

  void extend(Digest digest) throws BackendException {
    Pauses pauses = Pauses.forBusy();
    while (true) {
      boolean wasOpen = kept != null;
      Descriptor file;
      try {
        file = opened();
      } catch (ErrnoException e) {
        throw Refusals.notExtended(id(), "cannot be opened for writing", e);
      }
      try {
        writeOnce(file, digest);
        return;
      } catch (ErrnoException e) {
        release();
        if (!(tdx && isRefusedByTdx(e.errno()))) {
          throw Refusals.unknown(id(), "the driver does not say what it did", e);
        }
        boolean driverReloaded = wasOpen && e.errno() == Errno.ENODEV;
        if (!driverReloaded && !(Refusals.isMomentary(e.errno()) && pauses.again())) {
          throw Refusals.notExtended(id(), pauses.attempts() + " attempts", e);
        }
      }
    }
  }

  private void writeOnce(Descriptor file, Digest digest) throws ErrnoException, BackendException {
    digest.value().copyTo(buffer.clear());
    int size = buffer.flip().remaining();
    int count = file.write(buffer, 0);
    if (count != size) {
      release();
      throw Refusals.unknown(id(), "%s took %d of %d bytes".formatted(path, count, size), null);
    }
  }

  private static boolean isRefusedByTdx(int errno) {
    return switch (errno) {
      case Errno.ENXIO, Errno.EBUSY, Errno.EINTR -> true;
      case Errno.EINVAL, Errno.EFBIG, Errno.ENODEV, Errno.EACCES -> true;
      default -> false;
    };
  }

  /** Gives the descriptor back; the next call opens it anew. */
  void release() {
    if (kept != null) {
      Descriptor old = kept;
      kept = null;
      try {
        old.close();
      } catch (IOException e) {
        return; // close has no effect here, and the descriptor is gone whatever it says
      }
    }
  }
}
