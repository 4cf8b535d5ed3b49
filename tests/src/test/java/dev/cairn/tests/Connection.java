package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cairn.measure.Bytes;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One HTTP/1.1 connection that is kept open. Sends exactly the bytes it is told to, so that hostile
 * requests can be made of the same parts. One thread.
 */
final class Connection implements Closeable {
  private static final int TIMEOUT_MILLIS = 30_000;

  private final Socket socket = new Socket();
  private final InputStream in;
  private final OutputStream out;

  Connection(int port) throws IOException {
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
      in = new BufferedInputStream(socket.getInputStream(), 1 << 14);
      out = socket.getOutputStream();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  Response get(String path) throws IOException {
    send("GET " + path + " HTTP/1.1\r\nhost: localhost\r\n\r\n");
    return receive();
  }

  /** Sends a POST of JSON; {@code headers} are whole lines, each ended by CRLF. */
  Response post(String path, String headers, byte[] body) throws IOException {
    String head =
        "POST %s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%s\r\n"
            .formatted(path, body.length, headers);
    ByteArrayOutputStream request = new ByteArrayOutputStream(head.length() + body.length);
    request.writeBytes(head.getBytes(ISO_8859_1));
    request.writeBytes(body);
    send(request.toByteArray());
    return receive();
  }

  void send(String ascii) throws IOException {
    send(ascii.getBytes(ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /**
   * Reads one answer.
   *
   * @throws EOFException if the connection ends before or inside it
   */
  Response receive() throws IOException {
    String statusLine = line();
    if (!statusLine.matches("HTTP/[0-9]\\.[0-9] [1-5][0-9][0-9].*")) {
      throw new IOException("not HTTP: " + statusLine);
    }
    int status = Integer.parseInt(statusLine.substring(9, 12));
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return new Response(status, headers, Bytes.owning(body(status, headers)));
  }

  private byte[] body(int status, Map<String, String> headers) throws IOException {
    if (status / 100 == 1 || status == 204 || status == 304) {
      return new byte[0];
    }
    if ("chunked".equals(headers.get("transfer-encoding"))) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      for (int size = chunkSize(); size > 0; size = chunkSize()) {
        body.writeBytes(exactly(size));
        line();
      }
      line();
      return body.toByteArray();
    }
    return exactly(Integer.parseInt(headers.get("content-length")));
  }

  private int chunkSize() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  private byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException(
          "the answer ends after %d of %d bytes".formatted(bytes.length, length));
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection was closed");
      }
      line.append((char) b);
    }
    line.setLength(Math.max(0, line.length() - 1));
    return line.toString();
  }

  /** Returns whether the other side closes the connection before it sends another byte. */
  boolean isEnded() throws IOException {
    return in.read() < 0;
  }

  /** Changes how long a read may wait. */
  void timeout(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
