package dev.cairn.eventlog;

import java.io.IOException;

/** A format cannot say what a record holds; nothing was written. */
public final class UnrepresentableRecordException extends IOException {
  private static final long serialVersionUID = 1L;

  private final LogFormat format;
  private final EventRecord record;

  /**
   * E.g. {@code tcg2: pcr7 record 3: content type 80 has no form there}.
   *
   * @param reason what cannot be said, and what the user can do about it
   */
  public UnrepresentableRecordException(LogFormat format, EventRecord record, String reason) {
    super(
        "%s: %s record %d: %s"
            .formatted(format.label(), record.register(), record.recnum(), reason));
    this.format = format;
    this.record = record;
  }

  /** Returns the format that cannot say it. */
  public LogFormat format() {
    return format;
  }

  /** Returns the record. */
  public EventRecord record() {
    return record;
  }
}
