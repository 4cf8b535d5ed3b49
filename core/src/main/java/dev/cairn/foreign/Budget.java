package dev.cairn.foreign;

/** How many hashes a search may still compute. */
final class Budget {
  private long left;

  Budget(long hashes) {
    left = hashes;
  }

  /** Takes one; false if there is none left. */
  boolean take() {
    return left-- > 0;
  }

  boolean isSpent() {
    return left <= 0;
  }

  /** Takes what {@code other} has left. */
  void addRestOf(Budget other) {
    left += Math.max(0, other.left);
    other.left = 0;
  }
}
