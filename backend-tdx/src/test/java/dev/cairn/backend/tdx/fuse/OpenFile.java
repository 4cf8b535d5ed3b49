package dev.cairn.backend.tdx.fuse;

/** An open file: what all duplicates of one descriptor share. */
public interface OpenFile {
  /** Returns at most {@code most} bytes from {@code offset} on; none at the end. */
  default byte[] read(long offset, int most) throws Refusal {
    throw new Refusal(Errno.EINVAL);
  }

  /** Takes {@code bytes}, which are at least one; returns how many of them. */
  default int write(long offset, byte[] bytes) throws Refusal {
    throw new Refusal(Errno.EINVAL);
  }

  /** The same, for a file that wants to know who writes: not always who has opened it. */
  default int write(Caller caller, long offset, byte[] bytes) throws Refusal {
    return write(offset, bytes);
  }

  /**
   * Does what ioctl(2) asks for.
   *
   * @param argument what the request number says is passed in; becomes what is passed out
   * @return what ioctl(2) returns
   */
  default int ioctl(int request, byte[] argument) throws Refusal {
    throw new Refusal(Errno.ENOTTY);
  }

  /** The last descriptor has been closed. Nobody learns what comes of this. */
  default void release() {}
}
