package dev.cairn.backend.tdx.kernel;

import dev.cairn.linux.Errno;
import dev.cairn.linux.ErrnoException;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What the interfaces say when something fails. */
final class Refusals {
  private Refusals() {}

  /** Nothing could be opened at all. */
  static BackendException open(String detail, @Nullable IOException cause) {
    return new BackendException(null, Outcome.NOT_EXECUTED, "open", detail, cause);
  }

  /** This process may not extend {@code register}. */
  static BackendException claim(RegisterId register, ErrnoException cause) {
    boolean rights = cause.errno() == Errno.EACCES || cause.errno() == Errno.EPERM;
    return new BackendException(
        register,
        Outcome.NOT_EXECUTED,
        "open for extending",
        rights
            ? "this process may not: run it as root, or let a udev rule give the file to its group"
                + " (chgrp, chmod g+w), or leave the register out of 'registers'"
            : "the kernel refuses",
        cause);
  }

  /** A value could not be read. */
  static BackendException read(RegisterId register, String detail, @Nullable Exception cause) {
    return new BackendException(register, Outcome.NOT_EXECUTED, "read", detail, cause);
  }

  /** Nothing was extended. */
  static BackendException notExtended(
      RegisterId register, String detail, @Nullable IOException cause) {
    return new BackendException(register, Outcome.NOT_EXECUTED, "extend", detail, cause);
  }

  /** Nobody knows whether something was extended. */
  static BackendException unknown(RegisterId register, String detail, @Nullable Exception cause) {
    return new BackendException(register, Outcome.UNKNOWN, "extend", detail, cause);
  }

  /** Returns whether the same call may succeed in a moment, and has had no effect. */
  static boolean isMomentary(int errno) {
    return errno == Errno.EBUSY || errno == Errno.EINTR || errno == Errno.EAGAIN;
  }
}
