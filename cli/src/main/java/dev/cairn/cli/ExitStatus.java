package dev.cairn.cli;

/** The exit statuses that scripts may rely on; listed in docs/operations.md. */
final class ExitStatus {
  /** Done; what was asked holds. */
  static final int OK = 0;

  /**
   * The answer is no: a register does not match, an event was refused, a conversion would lose
   * something.
   */
  static final int NO = 1;

  /** Input that cannot be used: a damaged or unknown log, a wrong configuration. */
  static final int UNUSABLE_INPUT = 2;

  /** The command line is wrong (EX_USAGE of sysexits.h). */
  static final int USAGE = 64;

  /** The service, or a device that it needs, cannot be reached (EX_UNAVAILABLE). */
  static final int UNAVAILABLE = 69;

  /** A defect of Cairn (EX_SOFTWARE). */
  static final int DEFECT = 70;

  /** Output could not be written (EX_IOERR). */
  static final int OUTPUT_FAILED = 74;

  private ExitStatus() {}
}
