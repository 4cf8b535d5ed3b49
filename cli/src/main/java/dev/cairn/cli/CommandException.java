package dev.cairn.cli;

import org.jspecify.annotations.Nullable;

/** Ends a command with one line for the user and an {@link ExitStatus}. */
final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * Makes one.
   *
   * @param status one of {@link ExitStatus}
   * @param message {@code what: given and needed: remedy}
   */
  CommandException(int status, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  CommandException(int status, String message) {
    this(status, message, null);
  }

  /** Makes one that says what {@code cause} says. */
  CommandException(int status, Exception cause) {
    this(status, cause.getMessage() == null ? cause.toString() : cause.getMessage(), cause);
  }

  int status() {
    return status;
  }
}
