package dev.cairn.backend.tpm.transport;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the waits for a driver that cannot be bounded from within: poll returns when the command
 * is finished, which may take two minutes, and close waits for it. Each connection has a thread of
 * its own, which may get stuck there; its caller does not.
 *
 * <p>While one is stuck no other is opened: its command would be overtaken.
 */
final class WatchedConnector implements TpmConnector {
  private final TpmConnector device;
  private final AtomicInteger closing = new AtomicInteger();

  WatchedConnector(TpmConnector device) {
    this.device = device;
  }

  @Override
  public String address() {
    return device.address();
  }

  @Override
  public TpmTransport connect() throws TpmNotSentException {
    if (closing.get() > 0) {
      throw new TpmNotSentException(
          "%s: the driver still works on a command that was not answered in time; nothing else is sent before it is done"
              .formatted(address()),
          null);
    }
    return new WatchedTransport(address(), device.connect(), closing);
  }
}
