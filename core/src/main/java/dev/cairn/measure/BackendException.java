package dev.cairn.measure;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A register operation failed; {@link #outcome()} says what the caller has to assume. */
public final class BackendException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What is known about the register after the failure. */
  public enum Outcome {
    /** Refused: the register is as it was before; the record may be cut from the log's tail. */
    NOT_EXECUTED,
    /** Timeout, EIO, lost reply: read the register before anything else. */
    UNKNOWN
  }

  private final @Nullable RegisterId register;
  private final Outcome outcome;

  /**
   * E.g. {@code rtmr1: extend NOT_EXECUTED: read-only for the guest: Permission denied}.
   *
   * @param register which register, or null if the failure is of the whole backend
   * @param what the operation: {@code extend}, {@code read}, {@code open}
   * @param detail what was given, what was needed, and the remedy if the user has one
   */
  public BackendException(
      @Nullable RegisterId register,
      Outcome outcome,
      String what,
      String detail,
      @Nullable Throwable cause) {
    super(
        "%s: %s %s: %s%s"
            .formatted(
                register == null ? "backend" : register,
                what,
                outcome,
                detail,
                cause == null ? "" : ": " + cause.getMessage()),
        cause);
    this.register = register;
    this.outcome = outcome;
  }

  /** Returns the register it is about; nothing if it is about the whole backend. */
  public Optional<RegisterId> register() {
    return Optional.ofNullable(register);
  }

  /** Returns what to assume about the register. */
  public Outcome outcome() {
    return outcome;
  }
}
