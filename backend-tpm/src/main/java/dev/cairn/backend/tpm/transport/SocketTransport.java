package dev.cairn.backend.tpm.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connected socket. Blocks in the plain calls, the fastest way there is; a {@link Watchdog}
 * closes the channel at the deadline, which frees the thread.
 */
final class SocketTransport implements TpmTransport {
  private static final Logger LOG = LoggerFactory.getLogger(SocketTransport.class);

  private final String address;
  private final SocketChannel channel;
  private final Watchdog watchdog;

  /** Takes over both; {@code watchdog} closes {@code channel}. */
  SocketTransport(String address, SocketChannel channel, Watchdog watchdog) {
    this.address = address;
    this.channel = channel;
    this.watchdog = watchdog;
  }

  @Override
  public void transact(ByteBuffer command, ByteBuffer response, int timeoutMillis)
      throws TpmNotSentException, TpmOutcomeUnknownException {
    long deadline = watchdog.arm(TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
    boolean inTime;
    try {
      send(command, timeoutMillis);
      receive(response, timeoutMillis);
    } finally {
      inTime = watchdog.disarm(deadline);
    }
    if (!inTime) {
      LOG.debug("{}: answered at the last moment; the connection is closed", address);
    }
  }

  private void send(ByteBuffer command, int timeoutMillis)
      throws TpmNotSentException, TpmOutcomeUnknownException {
    int bytes = command.remaining();
    int written;
    try {
      written = channel.write(command);
    } catch (AsynchronousCloseException e) {
      throw Response.late(address, timeoutMillis, "the command may not even have been taken");
    } catch (ClosedChannelException e) {
      throw new TpmNotSentException(address + ": this connection is closed", e);
    } catch (IOException e) {
      throw new TpmNotSentException("%s: %s".formatted(address, e.getMessage()), e);
    }
    if (written != bytes) {
      throw new TpmOutcomeUnknownException(
          "%s: took %d of %d bytes of a command".formatted(address, written, bytes), null);
    }
  }

  private void receive(ByteBuffer response, int timeoutMillis) throws TpmOutcomeUnknownException {
    Response answer = new Response(address, response);
    try {
      while (!answer.isComplete()) {
        if (channel.read(response) < 0) {
          throw answer.closed();
        }
      }
    } catch (TpmOutcomeUnknownException e) {
      throw e;
    } catch (ClosedChannelException e) { // by the watchdog
      throw answer.late(timeoutMillis);
    } catch (IOException e) {
      throw answer.ended(e);
    }
  }

  @Override
  public void close() {
    watchdog.close();
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("{}: {}; it is closed all the same", address, e.getMessage());
    }
  }
}
