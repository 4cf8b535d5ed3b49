package dev.cairn.http;

import io.vertx.core.Context;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what other threads finish back to the event loop, in order, with one wake-up per burst
 * instead of one per event: a batch of the sequencer completes hundreds of futures in a row. Any
 * thread may add; the thread that says where its bursts end wakes nobody before.
 */
final class Completions {
  private static final Logger LOG = LoggerFactory.getLogger(Completions.class);

  /** Something to do on the event loop; added once. */
  abstract static class Completion {
    private @Nullable Completion next;

    abstract void run();
  }

  private final Context context;
  private final Runnable afterBurst;
  private final AtomicReference<@Nullable Completion> newest = new AtomicReference<>();
  private volatile @Nullable Thread burstThread;

  /**
   * Makes one.
   *
   * @param afterBurst called on the event loop after every burst
   */
  Completions(Context context, Runnable afterBurst) {
    this.context = context;
    this.afterBurst = afterBurst;
  }

  void add(Completion completion) {
    Completion before;
    do {
      before = newest.get();
      completion.next = before;
    } while (!newest.compareAndSet(before, completion));
    if (before == null && Thread.currentThread() != burstThread) {
      context.runOnContext(wake -> drain());
    }
  }

  /**
   * Says that what this thread has added since its last call is all for now. To be called by one
   * thread only, after each of its bursts and at its end.
   */
  void endOfBurst() {
    burstThread = Thread.currentThread();
    if (newest.get() != null) {
      context.runOnContext(wake -> drain());
    }
  }

  /**
   * Says that nobody marks the ends of bursts any more: every thread wakes the event loop itself.
   */
  void noMoreBursts() {
    burstThread = null;
    context.runOnContext(wake -> drain());
  }

  private void drain() {
    Completion completion = inOrder(newest.getAndSet(null));
    while (completion != null) {
      Completion following = completion.next;
      try {
        completion.run();
      } catch (RuntimeException e) {
        LOG.error("an answer could not be given", e); // the others are not to suffer
      }
      completion = following;
    }
    afterBurst.run();
  }

  private static @Nullable Completion inOrder(@Nullable Completion newestFirst) {
    Completion oldestFirst = null;
    Completion rest = newestFirst;
    while (rest != null) {
      Completion following = rest.next;
      rest.next = oldestFirst;
      oldestFirst = rest;
      rest = following;
    }
    return oldestFirst;
  }
}
