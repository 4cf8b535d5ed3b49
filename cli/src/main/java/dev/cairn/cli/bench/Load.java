package dev.cairn.cli.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Locale;

/**
 * A closed loop of clients in one thread: each connection sends its request again as soon as the
 * answer is there. Keep-alive, no pipelining. Looks at the head of an answer only as far as status
 * and length.
 */
final class Load {
  private static final int BUFFER_BYTES = 256 * 1024;

  /**
   * What a run showed.
   *
   * @param answers how many
   * @param seconds how long
   * @param latencies of the single requests
   */
  record Result(long answers, double seconds, Samples latencies) {
    double perSecond() {
      return answers / seconds;
    }
  }

  private final SocketAddress server;
  private final byte[] request;
  private final int expectedStatus;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final Samples latencies = new Samples();
  private long answers;

  /**
   * Makes one.
   *
   * @param request head and body, as they go over the wire
   * @param expectedStatus any other ends the run
   */
  Load(SocketAddress server, byte[] request, int expectedStatus) {
    this.server = server;
    this.request = request.clone();
    this.expectedStatus = expectedStatus;
  }

  /** Runs {@code clients} for {@code time}. */
  Result run(int clients, Duration time) throws IOException {
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < clients; i++) {
        SocketChannel channel = SocketChannel.open(server);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        Client client = new Client(channel);
        channel.register(selector, SelectionKey.OP_READ, client);
        client.send();
      }
      long start = System.nanoTime();
      long end = start + time.toNanos();
      long now = start;
      while (now < end) {
        selector.select(
            key -> {
              try {
                ((Client) key.attachment()).receive();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            1000);
        now = System.nanoTime();
      }
      Result result = new Result(answers, (now - start) / 1e9, latencies);
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      return result;
    } catch (UncheckedIOException e) {
      throw new IOException(e.getCause());
    }
  }

  /** One connection. */
  private final class Client {
    private final SocketChannel channel;
    private final StringBuilder head = new StringBuilder(512);
    private long sentNanos;
    private long bodyLeft = -1; // -1: the head is not whole yet

    Client(SocketChannel channel) {
      this.channel = channel;
    }

    void send() throws IOException {
      ByteBuffer out = ByteBuffer.wrap(request);
      while (out.hasRemaining()) {
        channel.write(out); // a request fits into any socket buffer
      }
      head.setLength(0);
      bodyLeft = -1;
      sentNanos = System.nanoTime();
    }

    void receive() throws IOException {
      buffer.clear();
      if (channel.read(buffer) < 0) {
        throw new EOFException("the server closed a connection under load");
      }
      buffer.flip();
      while (bodyLeft < 0 && buffer.hasRemaining()) {
        head.append((char) (buffer.get() & 0xFF));
        int length = head.length();
        if (length >= 4 && head.charAt(length - 1) == '\n' && head.charAt(length - 3) == '\n') {
          bodyLeft = bodyLength(head.toString());
        }
      }
      bodyLeft -= bodyLeft < 0 ? 0 : buffer.remaining();
      if (bodyLeft == 0) {
        answers++;
        latencies.add(System.nanoTime() - sentNanos);
        send();
      }
    }

    private long bodyLength(String text) throws IOException {
      int status = Integer.parseInt(text.substring(9, 12));
      if (status != expectedStatus) {
        throw new IOException("HTTP " + status + " where " + expectedStatus + " was expected");
      }
      if (status == 304) {
        return 0;
      }
      String lower = text.toLowerCase(Locale.ROOT);
      int at = lower.indexOf("\r\ncontent-length:");
      if (at < 0) {
        throw new IOException("an answer without content-length");
      }
      int from = at + "\r\ncontent-length:".length();
      return Long.parseLong(lower.substring(from, lower.indexOf("\r\n", from)).strip());
    }
  }

  /** Returns a POST of {@code json}. */
  static byte[] post(String path, String json) {
    return """
        POST %s HTTP/1.1\r
        host: localhost\r
        content-type: application/json\r
        content-length: %d\r
        \r
        %s"""
        .formatted(path, json.length(), json)
        .getBytes(ISO_8859_1);
  }

  /** Returns a GET with more header lines. */
  static byte[] get(String path, String moreHeaders) {
    return "GET %s HTTP/1.1\r\nhost: localhost\r\n%s\r\n"
        .formatted(path, moreHeaders)
        .getBytes(ISO_8859_1);
  }
}
