package dev.cairn.backend.tdx.fuse;

/** What a file answers instead of doing as asked. */
public final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final Errno errno;

  /** Makes one; without a stack trace, for it is an answer and not a failure. */
  public Refusal(Errno errno) {
    super(errno.name(), null, false, false);
    this.errno = errno;
  }

  /** Returns what the system call fails with. */
  public Errno errno() {
    return errno;
  }
}
