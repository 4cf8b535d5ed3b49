package dev.cairn.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Sends bytes as they are and reads what comes: for requests that no decent client makes. */
final class RawClient implements AutoCloseable {
  private final SocketChannel channel;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();

  private RawClient(SocketChannel channel) {
    this.channel = channel;
  }

  static RawClient to(int port) throws IOException {
    return to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  static RawClient to(SocketAddress address) throws IOException {
    return new RawClient(SocketChannel.open(address));
  }

  static String post(String body, String... headers) {
    StringBuilder request =
        new StringBuilder("POST /v1/registers/rtmr2/events HTTP/1.1\r\nhost: localhost\r\n");
    request.append("content-type: application/json\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    return request
        .append("content-length: ")
        .append(body.length())
        .append("\r\n\r\n")
        .append(body)
        .toString();
  }

  RawClient send(String text) throws IOException {
    return send(text.getBytes(ISO_8859_1));
  }

  RawClient send(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    return this;
  }

  /** Reads until {@code text} has come; returns everything so far. */
  String until(String text) throws IOException {
    while (!seen().contains(text)) {
      if (!read()) {
        throw new IOException("closed before '%s', after: %s".formatted(text, seen()));
      }
    }
    return seen();
  }

  /** Reads until the server closes; returns everything. */
  String untilClosed() throws IOException {
    boolean open = true;
    while (open) {
      try {
        open = read();
      } catch (IOException reset) {
        open = false; // a reset is a way to close
      }
    }
    return seen();
  }

  private boolean read() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    int count = channel.read(buffer);
    received.write(buffer.array(), 0, Math.max(0, count));
    return count >= 0;
  }

  private String seen() {
    return received.toString(ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
