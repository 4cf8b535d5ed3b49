package dev.cairn.backend.tpm.transport;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The TPM has not got the command: nothing was executed. */
public final class TpmNotSentException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Names the address and what failed. */
  public TpmNotSentException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
