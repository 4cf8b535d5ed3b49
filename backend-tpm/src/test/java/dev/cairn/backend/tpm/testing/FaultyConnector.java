package dev.cairn.backend.tpm.testing;

import dev.cairn.backend.tpm.transport.TpmConnector;
import dev.cairn.backend.tpm.transport.TpmNotSentException;
import dev.cairn.backend.tpm.transport.TpmOutcomeUnknownException;
import dev.cairn.backend.tpm.transport.TpmTransport;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * Connections to a real TPM that fail as they are told to: by command code, in order, each fault
 * once. Not to be shared between threads.
 */
public final class FaultyConnector implements TpmConnector {
  private final TpmConnector tpm;
  private final boolean handsOnTruncated;
  private final Map<Integer, Queue<Fault>> faults = new HashMap<>();
  private final List<Integer> sent = new ArrayList<>();
  private int connections;

  /** Makes one without any faults. */
  public FaultyConnector(TpmConnector tpm) {
    this(tpm, false);
  }

  private FaultyConnector(TpmConnector tpm, boolean handsOnTruncated) {
    this.tpm = tpm;
    this.handsOnTruncated = handsOnTruncated;
  }

  /** Makes one that returns a truncated response as if it were whole, to be sent as it is. */
  static FaultyConnector handingOn(TpmConnector tpm) {
    return new FaultyConnector(tpm, true);
  }

  /** Has the next command of this code suffer {@code fault}, after those said before. */
  public FaultyConnector on(int commandCode, Fault fault) {
    return on(commandCode, 1, fault);
  }

  /** Has the next {@code times} commands of this code suffer {@code fault}. */
  public FaultyConnector on(int commandCode, int times, Fault fault) {
    Queue<Fault> queue = faults.computeIfAbsent(commandCode, none -> new ArrayDeque<>());
    for (int i = 0; i < times; i++) {
      queue.add(fault);
    }
    return this;
  }

  /** Has every {@code n}th command of this code suffer {@code fault}, {@code times} times. */
  public FaultyConnector onEvery(int n, int commandCode, int times, Fault fault) {
    for (int i = 0; i < times; i++) {
      on(commandCode, n - 1, Fault.none()).on(commandCode, fault);
    }
    return this;
  }

  /** Has no more faults happen. */
  public void clear() {
    faults.clear();
  }

  /** Returns how many connections were opened. */
  public int connections() {
    return connections;
  }

  /** Returns how often commands of this code were given to a transport, faults included. */
  public long sent(int commandCode) {
    return sent.stream().filter(code -> code == commandCode).count();
  }

  /** Fails if a fault has not happened. */
  public void assertAllFaultsHappened() {
    faults.forEach(
        (code, queue) -> {
          if (!queue.isEmpty()) {
            throw new AssertionError("0x%x: %s did not happen".formatted(code, queue));
          }
        });
  }

  @Override
  public String address() {
    return tpm.address();
  }

  @Override
  public TpmTransport connect() throws TpmNotSentException {
    TpmTransport transport = tpm.connect();
    connections++;
    return new FaultyTransport(transport);
  }

  private final class FaultyTransport implements TpmTransport {
    private final TpmTransport transport;
    private boolean dead;

    FaultyTransport(TpmTransport transport) {
      this.transport = transport;
    }

    @Override
    public void transact(ByteBuffer command, ByteBuffer response, int timeoutMillis)
        throws TpmNotSentException, TpmOutcomeUnknownException {
      if (dead) {
        throw new AssertionError("used again after an exception: " + address());
      }
      int code = command.getInt(command.position() + 6);
      sent.add(code);
      Queue<Fault> queue = faults.get(code);
      Fault fault = queue == null ? null : queue.poll();
      dead = true; // unless it returns
      if (fault == null) {
        transport.transact(command, response, timeoutMillis);
      } else {
        fault.apply(transport, command, response, timeoutMillis);
        requireWhole(response);
      }
      dead = false;
    }

    private void requireWhole(ByteBuffer response) throws TpmOutcomeUnknownException {
      if (response.remaining() != response.getInt(2) && !handsOnTruncated) {
        throw new TpmOutcomeUnknownException("fault: truncated", null);
      }
    }

    @Override
    public void close() {
      transport.close();
    }
  }
}
