package dev.cairn.service;

/**
 * Whether log and register say the same. The sequencer is the only one that changes it.
 *
 * <pre>
 * from        to         when
 * RECOVERING  OK         the log replays to what the register holds
 * RECOVERING  DIVERGED   it does not, and nothing explains it
 * RECOVERING  OBSERVED   it is not ours to extend
 * OK          DIVERGED   a read-back shows a value that the log does not explain
 * OK          FAILED     an extend's outcome is unknown and the register cannot be read
 * FAILED      OK         a later read shows the value that the log explains
 * FAILED      DIVERGED   a later read shows another
 * </pre>
 *
 * Only a restart leaves DIVERGED or OBSERVED. A register that cannot be read at start keeps the
 * daemon from starting.
 */
public enum RegisterState {
  /** Replaying; nothing is served yet. */
  RECOVERING,
  /** Log and register say the same. */
  OK,
  /** No known log explains what the register holds; extends are refused. */
  DIVERGED,
  /** An unknown outcome that could not be decided; extends are refused until a read decides it. */
  FAILED,
  /**
   * Not extended by Cairn: firmware, kernel or others may change it at any time, and its log is
   * elsewhere. It is read and quoted, never judged.
   */
  OBSERVED;

  /** Returns whether the table above has this transition. */
  public boolean mayBecome(RegisterState next) {
    return switch (this) {
      case RECOVERING -> next == OK || next == DIVERGED || next == OBSERVED;
      case OK -> next == DIVERGED || next == FAILED;
      case FAILED -> next == OK || next == DIVERGED;
      case DIVERGED, OBSERVED -> false;
    };
  }
}
