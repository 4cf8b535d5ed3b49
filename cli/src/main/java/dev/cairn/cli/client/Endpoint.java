package dev.cairn.cli.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the service answers. */
public sealed interface Endpoint {
  /** The port that guests of Confidential Containers know. */
  int DEFAULT_PORT = 8006;

  /**
   * A UNIX socket.
   *
   * @param path its file
   */
  record Unix(Path path) implements Endpoint {
    @Override
    public String host() {
      return "localhost";
    }

    @Override
    public String basePath() {
      return "";
    }

    @Override
    public String toString() {
      return "unix:" + path;
    }
  }

  /**
   * A TCP port.
   *
   * @param name host name or address, without brackets
   * @param port 1 to 65535
   * @param tls whether it speaks TLS
   * @param basePath what stands before {@code /v1}: nothing, or a path behind a proxy
   */
  record Tcp(String name, int port, boolean tls, String basePath) implements Endpoint {
    @Override
    public String host() {
      return (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
    }

    @Override
    public String toString() {
      return (tls ? "https://" : "http://") + host() + basePath;
    }
  }

  /** Returns what the Host header says. */
  String host();

  /** Returns what stands before every path. */
  String basePath();

  /**
   * Parses {@code http://HOST[:PORT]}, {@code https://HOST[:PORT]} or {@code unix:PATH}.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  static Endpoint parse(String url) {
    if (url.startsWith("unix:")) {
      return unix(url);
    }
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw wrong(url, e);
    }
    boolean tls = "https".equals(uri.getScheme());
    if ((!tls && !"http".equals(uri.getScheme()))
        || uri.getHost() == null
        || uri.getQuery() != null
        || uri.getFragment() != null
        || uri.getUserInfo() != null) {
      throw wrong(url, null);
    }
    String host = uri.getHost();
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    String path = uri.getPath();
    return new Tcp(
        host,
        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
        tls,
        path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
  }

  private static Endpoint unix(String url) {
    String text = url.substring("unix:".length());
    String path = text.startsWith("///") ? text.substring(2) : text;
    if (path.isEmpty()) {
      throw wrong(url, null);
    }
    try {
      return new Unix(Path.of(path));
    } catch (InvalidPathException e) {
      throw wrong(url, e);
    }
  }

  private static IllegalArgumentException wrong(String url, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "'" + url + "': needs http://HOST:PORT, https://HOST:PORT or unix:PATH", cause);
  }
}
