package dev.cairn.eventlog;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A log breaks off or breaks its format; the records before {@link #offset()} are whole. */
public final class MalformedLogException extends IOException {
  private static final long serialVersionUID = 1L;

  private final LogFormat format;
  private final long offset;
  private final String reason;

  /**
   * E.g. {@code cel-tlv: offset 461: TLV of type 5 needs 302 bytes, 10 are left}.
   *
   * @param offset of the byte where the damage shows, from the start of the log
   * @param reason what was found and what is needed, without the offset
   */
  public MalformedLogException(
      LogFormat format, long offset, String reason, @Nullable Throwable cause) {
    super("%s: offset %d: %s".formatted(format.label(), offset, reason), cause);
    this.format = format;
    this.offset = offset;
    this.reason = reason;
  }

  /** Makes one without a cause. */
  public MalformedLogException(LogFormat format, long offset, String reason) {
    this(format, offset, reason, null);
  }

  /** Returns the format that was read. */
  public LogFormat format() {
    return format;
  }

  /** Returns where, in bytes from the start of the log. */
  public long offset() {
    return offset;
  }

  /** Returns why, for people. */
  public String reason() {
    return reason;
  }
}
