package dev.cairn.linux;

import java.io.IOException;

/** A system call failed; {@link #errno()} says how. */
public final class ErrnoException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  ErrnoException(String call, String file, int errno) {
    super("%s: %s: %s".formatted(file, call, Errno.text(errno)));
    this.errno = errno;
  }

  /** Returns the number, to be compared with those of {@link Errno}. */
  public int errno() {
    return errno;
  }
}
