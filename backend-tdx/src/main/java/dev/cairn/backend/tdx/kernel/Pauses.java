package dev.cairn.backend.tdx.kernel;

import java.util.concurrent.locks.LockSupport;

/**
 * The waits between attempts at something that was refused for a moment: each twice as long as the
 * one before, up to a limit, and only so many. While they last, the sequencer's thread does nothing
 * else; they are short for that reason.
 */
final class Pauses {
  private static final long MICRO = 1_000;
  private static final long LONGEST_NANOS = 50_000 * MICRO;

  private long nextNanos;
  private int left;
  private int taken;

  private Pauses(long firstNanos, int count) {
    this.nextNanos = firstNanos;
    this.left = count;
  }

  /** For busy hardware, and for signals: 12 waits, 0.15 s in all. */
  static Pauses forBusy() {
    return new Pauses(50 * MICRO, 12);
  }

  /** For a commit that did nothing, without a word why: 8 waits, 0.2 s in all. */
  static Pauses forLost() {
    return new Pauses(1_000 * MICRO, 8);
  }

  /** Waits and returns true; returns false if that has been done often enough. */
  boolean again() {
    if (left == 0) {
      return false;
    }
    left--;
    taken++;
    long end = System.nanoTime() + nextNanos;
    for (long rest = nextNanos; rest > 0; rest = end - System.nanoTime()) {
      LockSupport.parkNanos(rest);
    }
    nextNanos = Math.min(2 * nextNanos, LONGEST_NANOS);
    return true;
  }

  /** Returns how many attempts that makes. */
  int attempts() {
    return taken + 1;
  }
}
