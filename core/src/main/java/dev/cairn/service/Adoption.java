package dev.cairn.service;

/** How {@link Tail#adopt} ended. */
enum Adoption {
  /** The log says what the plan says, and its callers are answered. */
  DONE,
  /** The log could not take it and is as before. */
  NOT_DONE,
  /** The log has failed for good; nobody is answered. */
  FAILED
}
