package dev.cairn.replay;

/**
 * What a verification lets pass.
 *
 * @param allowTail a log may be ahead of the registers: a register passes if it holds the value
 *     after an earlier record, as IMA lists that are read after the quote need it
 * @param allowGaps a register passes although its log admits a gap, see {@link
 *     dev.cairn.eventlog.GapEvent}
 */
public record VerifyOptions(boolean allowTail, boolean allowGaps) {
  /** Neither tail nor gap. */
  public static final VerifyOptions STRICT = new VerifyOptions(false, false);
}
