package dev.cairn.replay;

/**
 * A register's replay does not begin at its reset value but at one that an unmeasured record of the
 * log states. What happened before that record is not covered by a comparison with the register.
 *
 * @param cause why the log says so
 * @param record the record that states the value
 */
public record Unproven(Cause cause, RecordRef record) {
  /** Reasons. */
  public enum Cause {
    /** The log began in the middle of the register's life. */
    START_VALUE,
    /** The register was found with a value that the log does not explain. */
    GAP
  }
}
