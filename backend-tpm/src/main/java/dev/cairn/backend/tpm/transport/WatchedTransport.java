package dev.cairn.backend.tpm.transport;

import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A connection of {@link WatchedConnector}: the device is touched by a thread of its own only. */
final class WatchedTransport implements TpmTransport {
  /** By this much the device's own timeout comes first where it works: it knows more. */
  private static final int GRACE_MILLIS = 50;

  private static final int CLOSE_MILLIS = 1000;

  private final String address;
  private final TpmTransport device;
  private final AtomicInteger closing;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(WatchedTransport::daemonThread);

  // The device's thread may hold these long after the caller has given up: they are not the
  // caller's.
  private final ByteBuffer sent = ByteBuffer.allocateDirect(MAX_BYTES);
  private final ByteBuffer received = ByteBuffer.allocateDirect(MAX_BYTES);

  private @Nullable String deadBecause;
  private boolean closed;

  /**
   * Takes over {@code device}.
   *
   * @param closing is higher by one from the call of {@link #close()} until the device is closed
   */
  WatchedTransport(String address, TpmTransport device, AtomicInteger closing) {
    this.address = address;
    this.device = device;
    this.closing = closing;
  }

  private static Thread daemonThread(Runnable task) {
    Thread thread = new Thread(task, "cairn-tpm-device");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void transact(ByteBuffer command, ByteBuffer response, int timeoutMillis)
      throws TpmNotSentException, TpmOutcomeUnknownException {
    if (deadBecause != null) {
      throw new TpmNotSentException(
          "%s: this connection is dead: %s".formatted(address, deadBecause), null);
    }
    sent.clear().put(command).flip();
    Future<?> answer =
        thread.submit(
            () -> {
              device.transact(sent, received, timeoutMillis);
              return null;
            });
    boolean answered = false;
    try {
      answer.get((long) timeoutMillis + GRACE_MILLIS, TimeUnit.MILLISECONDS);
      answered = true;
    } catch (TimeoutException e) {
      throw Response.late(address, timeoutMillis, "the driver has not come back");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TpmOutcomeUnknownException(address + ": interrupted while waiting", e);
    } catch (ExecutionException e) {
      throw rethrow(e);
    } finally {
      if (!answered) {
        deadBecause = "an earlier command failed";
      }
    }
    response.clear().put(received).flip();
  }

  private TpmOutcomeUnknownException rethrow(ExecutionException e) throws TpmNotSentException {
    if (e.getCause() instanceof TpmNotSentException notSent) {
      throw notSent;
    }
    return e.getCause() instanceof TpmOutcomeUnknownException unknown
        ? unknown
        : new TpmOutcomeUnknownException(address + ": " + e.getCause(), e);
  }

  /** Waits for a moment; where the driver is stuck, it is closed when it comes back. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean mayBeStuck = deadBecause != null;
    deadBecause = "closed";
    closing.incrementAndGet();
    thread.execute(
        () -> {
          try {
            device.close();
          } finally {
            closing.decrementAndGet();
          }
        });
    thread.shutdown();
    awaitEnd(mayBeStuck ? GRACE_MILLIS : CLOSE_MILLIS);
  }

  private void awaitEnd(int millis) {
    try {
      if (!thread.awaitTermination(millis, TimeUnit.MILLISECONDS)) {
        return; // closing counts it: nobody connects before it is closed
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
