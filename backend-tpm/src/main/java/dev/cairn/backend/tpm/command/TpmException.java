package dev.cairn.backend.tpm.command;

import dev.cairn.measure.BackendException.Outcome;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A command did not succeed; {@link #outcome()} says whether it may have been executed. */
public final class TpmException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Outcome outcome;
  private final int code;

  private TpmException(Outcome outcome, int code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.outcome = outcome;
    this.code = code;
  }

  /** The TPM refused it, or cannot be relied on. */
  static TpmException answered(CommandCode command, ResponseCode code, String detail) {
    Outcome outcome =
        code.reaction() == ResponseCode.Reaction.UNKNOWN ? Outcome.UNKNOWN : Outcome.NOT_EXECUTED;
    return new TpmException(outcome, code.value(), command + ": " + code + detail, null);
  }

  /** The TPM has not got it. */
  static TpmException notSent(CommandCode command, Exception cause) {
    return new TpmException(Outcome.NOT_EXECUTED, 0, command + ": " + cause.getMessage(), cause);
  }

  /** Nobody knows whether the TPM has executed it. */
  static TpmException undecided(CommandCode command, Exception cause) {
    return new TpmException(Outcome.UNKNOWN, 0, command + ": " + cause.getMessage(), cause);
  }

  /** The response is none. */
  static TpmException malformed(CommandCode command, String what) {
    return new TpmException(Outcome.UNKNOWN, 0, command + ": malformed response: " + what, null);
  }

  /** It was answered, but not with what was asked for. */
  static TpmException unusable(CommandCode command, String what) {
    return new TpmException(Outcome.NOT_EXECUTED, 0, command + ": " + what, null);
  }

  /** Returns what to assume about what the command would have changed. */
  public Outcome outcome() {
    return outcome;
  }

  /** Returns what the TPM answered; nothing if it did not answer, or not like a TPM. */
  public Optional<ResponseCode> code() {
    return code == ResponseCode.SUCCESS ? Optional.empty() : Optional.of(new ResponseCode(code));
  }

  /** Returns whether the TPM answered {@code code}, e.g. {@link ResponseCode#INITIALIZE}. */
  public boolean is(int code) {
    return this.code == code;
  }
}
