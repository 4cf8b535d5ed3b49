package dev.cairn.foreign;

import java.util.concurrent.locks.LockSupport;

/**
 * How long to wait for a record whose extend has happened already. systemd takes some 8 ms for an
 * extend with its record, 21 ms at the 99th percentile (measured, 262 on a software TPM): ten times
 * that is waited for, in small steps, and not longer, for the events of everybody else wait too.
 */
final class Patience {
  static final long MILLIS = 200;
  private static final long STEP_MILLIS = 10;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final long end = System.nanoTime() + MILLIS * NANOS_PER_MILLI;

  /** Waits a little; false if it was long enough. */
  boolean waitAgain() {
    long before = System.nanoTime();
    if (before - end >= 0) {
      return false;
    }
    long until = before + STEP_MILLIS * NANOS_PER_MILLI;
    for (long now = before; now - until < 0; now = System.nanoTime()) {
      LockSupport.parkNanos(until - now);
    }
    return true;
  }
}
