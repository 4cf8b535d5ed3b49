package dev.cairn.backend.tdx.kernel;

/**
 * Whether an interface is there, and whether it is the one that would be used.
 *
 * @param kind which one
 * @param state of it
 * @param text where it is or would be, what it offers to this process and, if it is missing, how to
 *     get it
 */
public record InterfaceProbe(InterfaceKind kind, State state, String text) {
  /** Whether it is there. */
  public enum State {
    /** There, and used. */
    CHOSEN,
    /** There, and not used: another one is. */
    SPARE,
    /** Not there. */
    MISSING
  }
}
