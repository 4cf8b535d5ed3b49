package dev.cairn.replay;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file of register values cannot be used; the message names the member and what it needs. */
public final class InvalidValuesException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * E.g. {@code sha256.10: 40 hexadecimal digits, needs 64}.
   *
   * @param member the path of the member, or {@code values} for the whole document
   */
  public InvalidValuesException(String member, String reason, @Nullable Throwable cause) {
    super(member + ": " + reason, cause);
  }

  /** Makes one without a cause. */
  public InvalidValuesException(String member, String reason) {
    this(member, reason, null);
  }
}
