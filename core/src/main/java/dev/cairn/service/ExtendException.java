package dev.cairn.service;

import dev.cairn.measure.RegisterId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An event was not acknowledged; {@link #reason()} says what became of it. */
public final class ExtendException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Why. Unless said otherwise the event is neither in the log nor in the register, and never will
   * be.
   */
  public enum Reason {
    /** The backend has no such register. */
    UNKNOWN_REGISTER("unknown-register"),
    /** The register cannot be extended from here (read-only, locality). */
    NOT_EXTENDABLE("register-not-extendable"),
    /** The digests given are not exactly those of the register's active banks. */
    WRONG_BANKS("wrong-banks"),
    /** The event is of a kind that is never extended, or too large. */
    BAD_EVENT("bad-event"),
    /** The idempotency key was used before with another event. */
    KEY_REUSED("idempotency-key-reused"),
    /** As many events as allowed are waiting; try again. */
    QUEUE_FULL("queue-full"),
    /** The daemon is going down; try again. */
    SHUTTING_DOWN("shutting-down"),
    /** No space for the log; goes on by itself once there is some. */
    STORAGE_FULL("storage-full"),
    /** The log could not be written; the cut was made durable and Cairn goes on. */
    STORAGE_ERROR("storage-error"),
    /** An earlier failure of the log is final: restart the daemon. */
    LOG_FAILED("log-failed"),
    /** The device refused the extend and did not execute it. */
    BACKEND_REFUSED("backend-refused"),
    /** The register holds a value that no known log explains. The event may be in the register. */
    REGISTER_DIVERGED("register-diverged"),
    /** The register's state is unknown and cannot be read. The event may be in the register. */
    REGISTER_FAILED("register-failed");

    private final String code;

    Reason(String code) {
      this.code = code;
    }

    /** Returns the stable name: the last part of the problem type in the API. */
    public String code() {
      return code;
    }
  }

  private final Reason reason;
  private final @Nullable RegisterId register;

  /**
   * Makes one.
   *
   * @param detail what was given, what is needed, and the remedy; without the register's name
   */
  public ExtendException(
      Reason reason, @Nullable RegisterId register, String detail, @Nullable Throwable cause) {
    super(register == null ? detail : register + ": " + detail, cause);
    this.reason = reason;
    this.register = register;
  }

  /** Makes one without a cause. */
  public ExtendException(Reason reason, @Nullable RegisterId register, String detail) {
    this(reason, register, detail, null);
  }

  /** Returns why, for programs. */
  public Reason reason() {
    return reason;
  }

  /** Returns the register it is about, if it is about one. */
  public Optional<RegisterId> register() {
    return Optional.ofNullable(register);
  }
}
