package dev.cairn.backend.tpm.transport;

import dev.cairn.linux.Descriptor;
import dev.cairn.linux.Errno;
import dev.cairn.linux.ErrnoException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open device node: one write is one command, and a response may come in pieces. The timeout is
 * what poll makes of it: the driver's may sleep until the command is finished ({@link
 * WatchedConnector} bounds that).
 *
 * @see "Linux drivers/char/tpm/tpm-dev-common.c"
 */
final class DeviceTransport implements TpmTransport {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceTransport.class);

  private final String address;
  private final Descriptor device;

  DeviceTransport(String address, Descriptor device) {
    this.address = address;
    this.device = device;
  }

  @Override
  public void transact(ByteBuffer command, ByteBuffer response, int timeoutMillis)
      throws TpmNotSentException, TpmOutcomeUnknownException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    send(command);
    Response answer = new Response(address, response);
    while (!answer.isComplete()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw answer.late(timeoutMillis);
      }
      if (isReadable(left, answer)) {
        read(response, answer);
      }
    }
  }

  private void send(ByteBuffer command) throws TpmNotSentException, TpmOutcomeUnknownException {
    int bytes = command.remaining();
    while (true) {
      try {
        int written = device.write(command);
        if (written != bytes) {
          throw new TpmOutcomeUnknownException(
              "%s: took %d of %d bytes of a command".formatted(address, written, bytes), null);
        }
        return;
      } catch (ErrnoException e) {
        if (e.errno() != Errno.EINTR) {
          throw new TpmNotSentException("%s: %s".formatted(address, e.getMessage()), e);
        }
      }
    }
  }

  private boolean isReadable(long nanos, Response answer) throws TpmOutcomeUnknownException {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos) + 1; // never a wait of zero in a loop
    try {
      return device.poll(Descriptor.POLLIN, (int) Math.min(millis, Integer.MAX_VALUE)) != 0;
    } catch (ErrnoException e) {
      return retry(e, answer);
    }
  }

  /** A driver that has no response says so by 0 or EAGAIN; here poll has said that there is one. */
  private void read(ByteBuffer response, Response answer) throws TpmOutcomeUnknownException {
    try {
      if (device.read(response) == 0) {
        throw answer.closed();
      }
    } catch (ErrnoException e) {
      retry(e, answer);
    }
  }

  private static boolean retry(ErrnoException e, Response answer)
      throws TpmOutcomeUnknownException {
    if (e.errno() == Errno.EINTR || e.errno() == Errno.EAGAIN) {
      return false;
    }
    throw answer.ended(e);
  }

  @Override
  public void close() {
    try {
      device.close();
    } catch (ErrnoException e) {
      LOG.warn("{}: {}; it is closed all the same", address, e.getMessage());
    }
  }
}
