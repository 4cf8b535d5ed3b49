package dev.cairn.replay;

import java.util.ArrayList;
import java.util.List;

/** The first findings of a replay, and how many there were. */
final class Findings {
  /** Enough to act upon; a log that is wrong throughout must not fill the memory. */
  static final int KEPT = 64;

  private final List<Finding> first = new ArrayList<>();
  private long count;

  void add(Finding finding) {
    count++;
    if (first.size() < KEPT) {
      first.add(finding);
    }
  }

  void addAll(Findings other) {
    for (Finding finding : other.first) {
      if (first.size() < KEPT) {
        first.add(finding);
      }
    }
    count += other.count;
  }

  List<Finding> first() {
    return List.copyOf(first);
  }

  long count() {
    return count;
  }
}
