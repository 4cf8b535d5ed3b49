package dev.cairn.backend.tpm.command;

import dev.cairn.backend.tpm.transport.TpmConnector;
import dev.cairn.backend.tpm.transport.TpmNotSentException;
import dev.cairn.backend.tpm.transport.TpmOutcomeUnknownException;
import dev.cairn.backend.tpm.transport.TpmTransport;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Sends a command and returns its response: repeats what the TPM has certainly not executed, and
 * gives up a connection that cannot be trusted any more. The next command opens a new one.
 *
 * <p>While the TPM is silent nobody waits long for it: the full time is given once, later commands
 * have less of it, and when several in a row have taken a second to fail, the next are refused for
 * a moment without being sent: whoever looks at 24 registers does not wait 24 times.
 */
final class Exchange implements AutoCloseable {
  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 1280;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int PROBE_MILLIS = 2000;
  private static final long COSTLY_NANOS = 1000 * NANOS_PER_MILLI;
  private static final long REST_NANOS = 200 * NANOS_PER_MILLI;

  private final TpmConnector connector;
  private final int timeoutMillis;
  private final long patienceMillis;
  private final ResponseBuffer response = new ResponseBuffer(this::drop);
  private @Nullable TpmTransport transport;
  private boolean closed;
  private int failures; // of the connection, in a row
  private @Nullable Exception lastFailure;
  private long lastFailureAt; // of System.nanoTime
  private long spentNanos; // in these failures

  /**
   * Makes one that has no connection yet.
   *
   * @param timeout how long to wait for one response
   * @param patience how long to repeat a command that the TPM has no time for
   */
  Exchange(TpmConnector connector, Duration timeout, Duration patience) {
    this.connector = connector;
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
    this.patienceMillis = patience.toMillis();
  }

  String address() {
    return connector.address();
  }

  /** Sends {@code command}; returns the response, behind its header. */
  ResponseBuffer send(CommandCode code, ByteBuffer command) throws TpmException {
    return send(code, command, failures == 0 ? timeoutMillis : probeMillis());
  }

  /** Sends {@code command} and waits at least {@code leastMillis} for the response. */
  ResponseBuffer sendSlow(CommandCode code, ByteBuffer command, int leastMillis)
      throws TpmException {
    return send(code, command, Math.max(timeoutMillis, leastMillis));
  }

  private ResponseBuffer send(CommandCode code, ByteBuffer command, int millis)
      throws TpmException {
    int answer = transact(code, command, millis);
    return answer == ResponseCode.SUCCESS ? response : sendAgain(code, command, millis, answer);
  }

  private ResponseBuffer sendAgain(
      CommandCode code, ByteBuffer command, int millis, int firstAnswer) throws TpmException {
    long begin = System.nanoTime();
    long pause = FIRST_PAUSE_MILLIS;
    boolean wasCanceled = false;
    int answer = firstAnswer;
    while (answer != ResponseCode.SUCCESS) {
      ResponseCode decoded = new ResponseCode(answer);
      switch (decoded.reaction()) {
        case WAIT_AND_SEND_AGAIN -> {
          long waited = (System.nanoTime() - begin) / NANOS_PER_MILLI;
          if (waited + pause > patienceMillis) {
            throw TpmException.answered(code, decoded, ", for %d ms".formatted(waited));
          }
          sleep(code, pause);
          pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
        case SEND_ONCE_MORE -> {
          if (wasCanceled) {
            throw TpmException.answered(code, decoded, ", twice");
          }
          wasCanceled = true;
        }
        default -> throw TpmException.answered(code, decoded, "");
      }
      answer = transact(code, command, millis);
    }
    return response;
  }

  private int transact(CommandCode code, ByteBuffer command, int millis) throws TpmException {
    requireRested(code);
    long begin = System.nanoTime();
    try {
      command.position(0);
      connected(code).transact(command, response.bytes(), millis);
      failures = 0;
    } catch (TpmNotSentException e) {
      failed(e, begin);
      throw TpmException.notSent(code, e);
    } catch (TpmOutcomeUnknownException e) {
      failed(e, begin);
      throw TpmException.undecided(code, e);
    }
    return response.header(code);
  }

  private int probeMillis() {
    return Math.min(timeoutMillis, PROBE_MILLIS);
  }

  private void failed(Exception failure, long begin) {
    drop();
    lastFailure = failure;
    lastFailureAt = System.nanoTime();
    spentNanos = lastFailureAt - begin + (failures == 0 ? 0 : spentNanos);
    failures++;
  }

  /** The first failure is followed by another try at once: its outcome has to be found out. */
  private void requireRested(CommandCode code) throws TpmException {
    Exception last = lastFailure;
    if (failures > 1
        && last != null
        && spentNanos > COSTLY_NANOS
        && System.nanoTime() - lastFailureAt < REST_NANOS) {
      throw TpmException.notSent(code, last);
    }
  }

  private TpmTransport connected(CommandCode code) throws TpmException, TpmNotSentException {
    if (closed) {
      throw TpmException.unusable(code, "the connection to " + address() + " is closed");
    }
    TpmTransport open = transport;
    if (open == null) {
      open = connector.connect();
      transport = open;
    }
    return open;
  }

  /** Closes before anything is opened anew: on a device node a read could overtake an extend. */
  private void drop() {
    TpmTransport open = transport;
    transport = null;
    if (open != null) {
      open.close();
    }
  }

  private static void sleep(CommandCode code, long millis) throws TpmException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw TpmException.unusable(code, "interrupted while the TPM was busy");
    }
  }

  @Override
  public void close() {
    closed = true;
    drop();
  }
}
