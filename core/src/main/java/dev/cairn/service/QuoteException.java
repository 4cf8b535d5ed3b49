package dev.cairn.service;

import org.jspecify.annotations.Nullable;

/** There is no quote; {@link #reason()} says why. Log and registers are as they would be anyway. */
public final class QuoteException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** This backend has nothing that signs. */
    NOT_SUPPORTED("quotes-not-supported"),
    /** The request does not fit this hardware, or it has no such key, register or bank. */
    REFUSED("quote-refused"),
    /** The device does not answer, or an extend is open whose outcome nobody knows: try again. */
    UNAVAILABLE("quote-unavailable"),
    /**
     * A quoted register holds a value that its log does not explain: quote and log would contradict
     * each other.
     */
    DIVERGED("register-diverged"),
    /** As many jobs as allowed are waiting; try again. */
    QUEUE_FULL("queue-full"),
    /** The daemon is going down, or has stopped. */
    SHUTTING_DOWN("shutting-down");

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

  /**
   * Makes one.
   *
   * @param detail what was asked, what was found, and the remedy
   */
  public QuoteException(Reason reason, String detail, @Nullable Throwable cause) {
    super(detail, cause);
    this.reason = reason;
  }

  /** Returns why, for programs. */
  public Reason reason() {
    return reason;
  }
}
