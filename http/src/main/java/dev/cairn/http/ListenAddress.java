package dev.cairn.http;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.nio.file.Path;

/** Where a server listens: {@code 127.0.0.1:8006}, {@code [::1]:8006}, {@code unix:/run/x.sock}. */
public sealed interface ListenAddress {
  /** The port that Confidential Containers guests know. */
  int DEFAULT_PORT = 8006;

  /**
   * A TCP address.
   *
   * @param host a numeric address; names are not looked up
   * @param port 0 lets the kernel choose
   */
  record Tcp(String host, int port) implements ListenAddress {
    /**
     * Checks both.
     *
     * @throws IllegalArgumentException that says what is needed
     */
    public Tcp {
      if (!NetUtil.isValidIpV4Address(host) && !NetUtil.isValidIpV6Address(host)) {
        throw new IllegalArgumentException(
            "listen address: %s: needs a numeric address such as 127.0.0.1 or ::1; names are not looked up"
                .formatted(host));
      }
      if (port < 0 || port > 0xFFFF) {
        throw new IllegalArgumentException("listen port: " + port + ": needs 0 to 65535");
      }
    }

    /** Returns whether only this machine can connect. */
    public boolean isLoopback() {
      InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
      return address != null && address.isLoopbackAddress();
    }

    @Override
    public String toString() {
      return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /**
   * A UNIX socket.
   *
   * @param path the file that is made; its folder must exist and should admit Cairn's group only
   */
  record Unix(Path path) implements ListenAddress {
    @Override
    public String toString() {
      return PREFIX + path;
    }
  }

  /** What the text of a UNIX socket begins with. */
  String PREFIX = "unix:";

  /**
   * Parses {@code HOST:PORT}, {@code [IPv6]:PORT} or {@code unix:PATH}; {@code localhost} is
   * 127.0.0.1.
   *
   * @throws IllegalArgumentException that says what is needed
   */
  static ListenAddress parse(String text) {
    if (text.startsWith(PREFIX)) {
      if (text.length() == PREFIX.length()) {
        throw new IllegalArgumentException("listen: unix: has no path: needs unix:/run/cairn.sock");
      }
      return new Unix(Path.of(text.substring(PREFIX.length())));
    }
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException(
          "listen: %s: needs HOST:PORT, [IPv6]:PORT or unix:PATH".formatted(text));
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port;
    try {
      port = Integer.parseInt(text.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "listen: %s: the port needs to be a number from 0 to 65535".formatted(text), e);
    }
    return new Tcp(host.equals("localhost") ? "127.0.0.1" : host, port);
  }
}
