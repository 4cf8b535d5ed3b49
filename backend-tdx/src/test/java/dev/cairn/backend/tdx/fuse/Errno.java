package dev.cairn.backend.tdx.fuse;

/** Error numbers that files of the kernel answer with. */
public enum Errno {
  EPERM(1),
  ENOENT(2),
  EINTR(4),
  EIO(5),
  ENXIO(6),
  EAGAIN(11),
  ENOMEM(12),
  EACCES(13),
  EFAULT(14),
  EBUSY(16),
  EEXIST(17),
  ENODEV(19),
  ENOTDIR(20),
  EISDIR(21),
  EINVAL(22),
  ENOTTY(25),
  ETXTBSY(26),
  EFBIG(27),
  ENOSPC(28),
  ESPIPE(29),
  EROFS(30),
  ERANGE(34),
  ENOSYS(38),
  ENOTEMPTY(39),
  ENOTCONN(107),
  ETIMEDOUT(110);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /** Returns the number, 1 to 133. */
  public int number() {
    return number;
  }

  /**
   * Returns the one with this number.
   *
   * @throws IllegalArgumentException if it is not in the list
   */
  public static Errno of(int number) {
    for (Errno errno : values()) {
      if (errno.number == number) {
        return errno;
      }
    }
    throw new IllegalArgumentException("errno " + number + " is not in the list");
  }
}
