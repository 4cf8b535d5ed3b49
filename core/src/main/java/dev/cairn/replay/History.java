package dev.cairn.replay;

import dev.cairn.measure.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * What one register took in one bank, from its start value on: the one thing here that grows with
 * the log, so it is bounded, and kept for registers only whose value differs from the given one.
 */
final class History {
  /** The search for a faulty record costs the square of this. */
  static final int MAX_EXTENDS = 2000;

  /**
   * One extend.
   *
   * @param reproduced whether the content of the record vouches for its digests
   */
  record Extend(Bytes digest, RecordRef record, boolean reproduced) {}

  private final List<Extend> extendList = new ArrayList<>();
  private Bytes start = Bytes.EMPTY;
  private boolean overflowed;

  void restart(Bytes value) {
    start = value;
    extendList.clear();
    overflowed = false;
  }

  void copy(History other) {
    start = other.start;
    extendList.clear();
    extendList.addAll(other.extendList);
    overflowed = other.overflowed;
  }

  void add(Bytes digest, Place place) {
    if (extendList.size() == MAX_EXTENDS) {
      overflowed = true;
    } else {
      extendList.add(new Extend(digest, place.ref(), place.reproduced()));
    }
  }

  Bytes start() {
    return start;
  }

  List<Extend> extendsInOrder() {
    return extendList;
  }

  /** Returns whether there were more extends than are kept. */
  boolean overflowed() {
    return overflowed;
  }
}
