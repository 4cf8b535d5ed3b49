package dev.cairn.cli.config;

import java.util.Collection;
import java.util.Optional;

/** Finds what somebody meant who wrote a name that does not exist. */
final class NearestName {
  private NearestName() {}

  /**
   * Returns the one of {@code names} with the fewest letters to insert, delete, replace or swap;
   * nothing if more than half of the letters would change.
   */
  static Optional<String> of(String wrong, Collection<String> names) {
    String nearest = null;
    int least = Math.max(2, wrong.length() / 2) + 1;
    for (String name : names) {
      int distance = distance(wrong, name);
      if (distance < least) {
        least = distance;
        nearest = name;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** Optimal string alignment distance: Levenshtein's with swaps of neighbours. */
  static int distance(String a, String b) {
    int[] before = new int[b.length() + 1];
    int[] above = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
      int[] free = before;
      before = above;
      above = row;
      row = free;
    }
    return above[b.length()];
  }
}
