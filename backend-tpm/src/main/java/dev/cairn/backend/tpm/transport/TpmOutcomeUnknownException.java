package dev.cairn.backend.tpm.transport;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The TPM may have executed the command: read before anything else. */
public final class TpmOutcomeUnknownException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Names the address and what failed. */
  public TpmOutcomeUnknownException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
