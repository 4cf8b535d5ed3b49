package dev.cairn.service;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The bounded queue in front of the sequencer. Once closed it takes nothing more, and what it holds
 * can still be taken out: no job is ever left without an answer.
 */
final class Inbox {
  /** What became of an offer. */
  enum Offer {
    ACCEPTED,
    FULL,
    CLOSED
  }

  /** With the timer slack of Linux about 70 µs: a fraction of one fdatasync. */
  private static final long GATHER_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

  private final int limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Job> jobs = new ArrayDeque<>();
  private boolean closed;

  Inbox(int limit) {
    this.limit = limit;
  }

  /** Never waits. Any thread. */
  Offer offer(Job job) {
    lock.lock();
    try {
      if (closed) {
        return Offer.CLOSED;
      }
      if (jobs.size() >= limit) {
        return Offer.FULL;
      }
      jobs.add(job);
      changed.signal();
      return Offer.ACCEPTED;
    } finally {
      lock.unlock();
    }
  }

  /** Refuses everything from now on. Any thread. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Moves up to {@code most} jobs to {@code target}, oldest first; waits for the first one until
   * the time is over. Sequencer's thread, which nobody interrupts.
   *
   * @param waitNanos 0 or less: as long as it takes
   * @return false once it is closed and empty
   */
  boolean take(List<Job> target, int most, long waitNanos) {
    lock.lock();
    try {
      long left = waitNanos;
      while (jobs.isEmpty() && !closed) {
        if (waitNanos <= 0) {
          changed.awaitUninterruptibly();
        } else if (left <= 0) {
          return true;
        } else {
          try {
            left = changed.awaitNanos(left);
          } catch (InterruptedException e) {
            left = waitNanos; // nobody interrupts this thread; a stray one must not end its work
          }
        }
      }
      for (int i = 0; i < most && !jobs.isEmpty(); i++) {
        target.add(jobs.remove());
      }
      return !(closed && jobs.isEmpty() && target.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits a moment for callers that are on their way, and moves what has come to {@code target}.
   * Pays where several callers wait for each answer: a batch costs two changes of threads, however
   * small it is. Sequencer's thread.
   *
   * @param most how many jobs {@code target} may have in all
   */
  void gather(List<Job> target, int most) {
    LockSupport.parkNanos(GATHER_NANOS);
    lock.lock();
    try {
      while (target.size() < most && !jobs.isEmpty()) {
        target.add(jobs.remove());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many jobs wait. Any thread. */
  int size() {
    lock.lock();
    try {
      return jobs.size();
    } finally {
      lock.unlock();
    }
  }

  /** Takes out everything, for the sequencer that cannot go on. */
  List<Job> closeAndDrain() {
    lock.lock();
    try {
      closed = true;
      List<Job> rest = new ArrayList<>(jobs);
      jobs.clear();
      return rest;
    } finally {
      lock.unlock();
    }
  }

  /** The longest wait while something has to be retried. */
  static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
}
