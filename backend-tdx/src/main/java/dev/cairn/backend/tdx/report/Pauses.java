package dev.cairn.backend.tdx.report;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The waits while the host is busy: each twice as long as the one before, from 10 ms up to a
 * second, and none that would begin after the time is up. The thread is never interrupted.
 */
final class Pauses {
  private static final long FIRST_NANOS = 10_000_000;
  private static final long LONGEST_NANOS = 1_000_000_000;

  private final long start = System.nanoTime();
  private final long patienceNanos;
  private long nextNanos = FIRST_NANOS;
  private int taken;

  Pauses(Duration patience) {
    this.patienceNanos = patience.toNanos();
  }

  /** Waits and returns true; returns false if the time is up. */
  boolean again() {
    if (System.nanoTime() - start + nextNanos > patienceNanos) {
      return false;
    }
    taken++;
    long end = System.nanoTime() + nextNanos;
    for (long left = nextNanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    nextNanos = Math.min(2 * nextNanos, LONGEST_NANOS);
    return true;
  }

  /** Returns how much was tried, for people. */
  @Override
  public String toString() {
    return "%d attempts in %.1f s".formatted(taken + 1, (System.nanoTime() - start) / 1e9);
  }
}
