package dev.cairn.backend.tpm.transport;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Where a TPM is, as it stands in the configuration: {@code device:/dev/tpmrm0}, {@code
 * unix:/run/swtpm/socket} or {@code tcp:127.0.0.1:2321}. Its {@code toString} gives that text.
 */
public sealed interface TpmAddress {
  /** Returns what opens connections to it. Nothing is opened by this. */
  TpmConnector connector();

  /**
   * A character device of the kernel's driver, or one that behaves like it.
   *
   * @param node absolute
   */
  record Device(Path node) implements TpmAddress {
    @Override
    public TpmConnector connector() {
      return new WatchedConnector(new DeviceConnector(this));
    }

    @Override
    public String toString() {
      return "device:" + node;
    }
  }

  /**
   * A UNIX socket that takes bare commands, such as swtpm's.
   *
   * @param socket absolute, at most 107 bytes
   */
  record UnixSocket(Path socket) implements TpmAddress {
    @Override
    public TpmConnector connector() {
      return SocketConnector.unix(this);
    }

    @Override
    public String toString() {
      return "unix:" + socket;
    }
  }

  /**
   * A TCP port that takes bare commands. No encryption, no authentication: for this machine only.
   *
   * @param host name or address, an IPv6 address without brackets; looked up at every connect
   * @param port 1 to 65535
   */
  record Tcp(String host, int port) implements TpmAddress {
    @Override
    public TpmConnector connector() {
      return SocketConnector.tcp(this);
    }

    @Override
    public String toString() {
      return "tcp:%s:%d".formatted(host.indexOf(':') < 0 ? host : "[" + host + "]", port);
    }
  }

  /** The longest path of a UNIX socket in bytes: {@code sun_path} less its final zero. */
  int MAX_SOCKET_PATH_BYTES = 107;

  /** The highest TCP port. */
  int MAX_PORT = 65_535;

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException if it is none; the message names the text and what would do
   */
  static TpmAddress parse(String text) {
    int colon = text.indexOf(':');
    String kind = colon < 0 ? "" : text.substring(0, colon);
    String rest = text.substring(colon + 1);
    return switch (kind) {
      case "device" -> new Device(path(text, rest));
      case "unix" -> unix(text, rest);
      case "tcp" -> tcp(text, rest);
      default ->
          throw new IllegalArgumentException(
              "'%s' is no address of a TPM: device:PATH, unix:PATH or tcp:HOST:PORT"
                  .formatted(text));
    };
  }

  private static UnixSocket unix(String text, String rest) {
    int bytes = rest.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_SOCKET_PATH_BYTES) {
      throw new IllegalArgumentException(
          "'%s': the path of a UNIX socket has at most %d bytes, this has %d: use a shorter one"
              .formatted(text, MAX_SOCKET_PATH_BYTES, bytes));
    }
    return new UnixSocket(path(text, rest));
  }

  private static Path path(String text, String rest) {
    try {
      Path path = Path.of(rest);
      if (path.isAbsolute()) {
        return path;
      }
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'%s': %s".formatted(text, e.getMessage()), e);
    }
    throw new IllegalArgumentException("'%s': needs an absolute path".formatted(text));
  }

  private static Tcp tcp(String text, String rest) {
    int colon = rest.lastIndexOf(':');
    String host = colon < 0 ? rest : rest.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      host = ""; // of an IPv6 address without brackets nobody knows where it ends
    }
    int port = colon < 0 ? 0 : port(rest.substring(colon + 1));
    if (host.isEmpty() || port < 1) {
      throw new IllegalArgumentException(
          "'%s': needs tcp:HOST:PORT with a port from 1 to %d; IPv6 as [ADDRESS]"
              .formatted(text, MAX_PORT));
    }
    return new Tcp(host, port);
  }

  private static int port(String digits) {
    if (!digits.matches("[0-9]{1,5}")) {
      return 0;
    }
    int port = Integer.parseInt(digits);
    return port <= MAX_PORT ? port : 0;
  }
}
