package dev.cairn.replay;

/**
 * Something that is wrong with one record, whatever the registers say.
 *
 * @param kind what sort of thing
 * @param record which record
 * @param message what was found and what was expected, for people
 */
public record Finding(Kind kind, RecordRef record, String message) {
  /** Sorts of findings. */
  public enum Kind {
    /**
     * A digest is not that of the content, by the rule of its type or by another bank's example.
     */
    DIGEST_MISMATCH,
    /** Numbers within the register jump, repeat or go back. */
    RECNUM,
    /** A record that sets a start value is repeated, late, malformed or contradicts the replay. */
    START_VALUE
  }

  /** Returns the record and the message. */
  @Override
  public String toString() {
    return record + ": " + message;
  }
}
