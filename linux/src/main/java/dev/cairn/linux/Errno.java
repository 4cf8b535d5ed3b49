package dev.cairn.linux;

/**
 * Error numbers of Linux, equal on x86-64 and aarch64.
 *
 * @see "errno(3); Linux include/uapi/asm-generic/errno{-base,}.h"
 */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int E2BIG = 7;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENOTTY = 25;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int EROFS = 30;
  public static final int EPIPE = 32;
  public static final int EOVERFLOW = 75;
  public static final int ETIME = 62;
  public static final int ETIMEDOUT = 110;
  public static final int ECANCELED = 125;

  private Errno() {}

  /** Returns name and meaning, e.g. {@code EBUSY (device or resource busy)}. */
  public static String text(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM (operation not permitted)";
      case ENOENT -> "ENOENT (no such file or directory)";
      case EINTR -> "EINTR (interrupted)";
      case EIO -> "EIO (input/output error)";
      case ENXIO -> "ENXIO (no such device or address)";
      case E2BIG -> "E2BIG (too long)";
      case EBADF -> "EBADF (bad file descriptor)";
      case EAGAIN -> "EAGAIN (try again)";
      case ENOMEM -> "ENOMEM (out of memory)";
      case EACCES -> "EACCES (permission denied)";
      case EFAULT -> "EFAULT (bad address)";
      case EBUSY -> "EBUSY (device or resource busy)";
      case EEXIST -> "EEXIST (file exists)";
      case ENODEV -> "ENODEV (no such device)";
      case EISDIR -> "EISDIR (is a directory)";
      case EINVAL -> "EINVAL (invalid argument)";
      case ENOTTY -> "ENOTTY (not for this device)";
      case EFBIG -> "EFBIG (file too large)";
      case ENOSPC -> "ENOSPC (no space left)";
      case EROFS -> "EROFS (read-only file system)";
      case EPIPE -> "EPIPE (broken pipe)";
      case EOVERFLOW -> "EOVERFLOW (value too large)";
      case ETIME -> "ETIME (timer expired)";
      case ETIMEDOUT -> "ETIMEDOUT (timed out)";
      case ECANCELED -> "ECANCELED (canceled)";
      default -> "errno " + errno;
    };
  }
}
