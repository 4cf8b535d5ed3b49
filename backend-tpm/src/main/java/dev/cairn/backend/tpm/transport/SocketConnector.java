package dev.cairn.backend.tpm.transport;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** Connects to a UNIX socket or a TCP port. */
final class SocketConnector implements TpmConnector {
  /** Connecting blocks where the queue of a UNIX socket is full, or a host does not answer. */
  private static final int CONNECT_MILLIS = 2000;

  private final String address;
  private final Target target;

  /** Where to connect to, found out anew every time: names may move. */
  private interface Target {
    SocketAddress resolve() throws IOException;
  }

  private SocketConnector(String address, Target target) {
    this.address = address;
    this.target = target;
  }

  static SocketConnector unix(TpmAddress.UnixSocket address) {
    return new SocketConnector(
        address.toString(), () -> UnixDomainSocketAddress.of(address.socket()));
  }

  static SocketConnector tcp(TpmAddress.Tcp address) {
    return new SocketConnector(
        address.toString(),
        () -> new InetSocketAddress(InetAddress.getByName(address.host()), address.port()));
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public TpmTransport connect() throws TpmNotSentException {
    try {
      return connectTo(target.resolve());
    } catch (AsynchronousCloseException e) {
      throw new TpmNotSentException(
          "%s: no connection within %d ms: other clients may occupy it"
              .formatted(address, CONNECT_MILLIS),
          e);
    } catch (IOException e) {
      throw new TpmNotSentException(
          "%s: cannot be reached: %s: does a TPM listen there, and may this user connect?"
              .formatted(address, e),
          e);
    }
  }

  private TpmTransport connectTo(SocketAddress peer) throws IOException {
    SocketChannel channel = SocketChannel.open(family(peer));
    Watchdog watchdog = new Watchdog(channel);
    boolean connected = false;
    try {
      if (family(peer) != StandardProtocolFamily.UNIX) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true); // or a command costs 44 ms
      }
      long deadline = watchdog.arm(TimeUnit.MILLISECONDS.toNanos(CONNECT_MILLIS));
      channel.connect(peer);
      if (!watchdog.disarm(deadline)) {
        throw new AsynchronousCloseException();
      }
      connected = true;
      return new SocketTransport(address, channel, watchdog);
    } finally {
      if (!connected) {
        watchdog.close();
        channel.close();
      }
    }
  }

  private static ProtocolFamily family(SocketAddress peer) {
    if (peer instanceof InetSocketAddress inet) {
      return inet.getAddress() instanceof Inet6Address
          ? StandardProtocolFamily.INET6
          : StandardProtocolFamily.INET;
    }
    return StandardProtocolFamily.UNIX;
  }
}
