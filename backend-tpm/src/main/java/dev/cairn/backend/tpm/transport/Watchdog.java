package dev.cairn.backend.tpm.transport;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a channel whose user does not disarm it in time. Made for many short waits: arming and
 * disarming are a few writes to memory. The thread sleeps until the deadline that it saw last; one
 * that was disarmed meanwhile costs a wake-up then, and so there is at most one for each timeout.
 *
 * <p>One thread arms and disarms.
 */
final class Watchdog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
  private static final long NONE = Long.MAX_VALUE;
  private static final long FIRED = -1;

  private final long origin = System.nanoTime();
  private final SocketChannel channel;
  private final Thread thread;
  private final AtomicLong deadline = new AtomicLong(NONE); // nanoseconds after origin
  private volatile long wakesAt; // likewise; 0 while awake
  private volatile boolean ended;

  /** Starts its thread. */
  Watchdog(SocketChannel channel) {
    this.channel = channel;
    this.thread = new Thread(this::watch, "cairn-tpm-watchdog");
    thread.setDaemon(true);
    thread.start();
  }

  /** Starts the wait; returns what {@link #disarm} wants. */
  long arm(long nanos) {
    long at = now() + nanos;
    deadline.set(at);
    if (wakesAt > at) {
      LockSupport.unpark(thread);
    }
    return at;
  }

  /** Ends the wait; false if the channel was closed, or is just being closed. */
  boolean disarm(long at) {
    return deadline.compareAndSet(at, NONE);
  }

  private void watch() {
    while (!ended) {
      long at = deadline.get();
      if (at != NONE && at <= now()) {
        if (deadline.compareAndSet(at, FIRED)) {
          closeChannel();
          return;
        }
        continue;
      }
      sleepUntil(at);
    }
  }

  private void sleepUntil(long at) {
    wakesAt = at;
    // From here on arm() wakes this thread if it has to; what came before is seen now.
    if (deadline.get() >= at && !ended) {
      LockSupport.parkNanos(this, at == NONE ? NONE : at - now());
    }
    wakesAt = 0;
  }

  private long now() {
    return System.nanoTime() - origin;
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("closing the connection of a late answer: {}", e.getMessage());
    }
  }

  /** Ends the thread; the channel stays as it is. */
  @Override
  public void close() {
    ended = true;
    LockSupport.unpark(thread);
  }
}
