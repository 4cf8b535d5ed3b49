package dev.cairn.cli.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Sends one request per connection.
 *
 * @see "RFC 9112, HTTP/1.1"
 */
public final class HttpClient {
  private static final int MAX_HEAD_BYTES = 64 * 1024;

  private final Endpoint endpoint;
  private final Duration timeout;

  /**
   * Makes one; connects to nothing yet.
   *
   * @param timeout of the connect and of every single read
   */
  public HttpClient(Endpoint endpoint, Duration timeout) {
    this.endpoint = endpoint;
    this.timeout = timeout;
  }

  /** Returns where the requests go. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Sends a GET; {@code headers} are name and value. */
  public Answer get(String path, Map<String, String> headers) throws IOException {
    return exchange("GET", path, headers, new byte[0]);
  }

  /** Sends a POST with {@code body}. */
  public Answer post(String path, Map<String, String> headers, byte[] body) throws IOException {
    return exchange("POST", path, headers, body);
  }

  private Answer exchange(String method, String path, Map<String, String> headers, byte[] body)
      throws IOException {
    Transport transport = connect();
    try {
      OutputStream out = transport.out();
      out.write(head(method, path, headers, body.length).getBytes(ISO_8859_1));
      out.write(body);
      out.flush();
      return read(transport);
    } catch (SocketTimeoutException e) {
      transport.close();
      throw new UnreachableException(endpoint, "no answer within " + timeout.toSeconds() + " s", e);
    } catch (IOException | RuntimeException e) {
      transport.close();
      throw e;
    }
  }

  private Transport connect() throws UnreachableException {
    try {
      return Transport.open(endpoint, timeout);
    } catch (UnknownHostException e) {
      throw new UnreachableException(endpoint, "no such host", e);
    } catch (ConnectException e) {
      throw new UnreachableException(endpoint, "nobody listens there; is 'cairn serve' up?", e);
    } catch (IOException e) {
      throw new UnreachableException(
          endpoint, "cannot connect: " + e.getMessage() + "; is 'cairn serve' up?", e);
    }
  }

  private String head(String method, String path, Map<String, String> headers, int length) {
    StringBuilder head = new StringBuilder(256);
    head.append(method).append(' ').append(endpoint.basePath()).append(path);
    head.append(" HTTP/1.1\r\nhost: ").append(endpoint.host());
    head.append("\r\nconnection: close\r\n");
    if (method.equals("POST")) {
      head.append("content-length: ").append(length).append("\r\n");
    }
    headers.forEach((name, value) -> head.append(header(name, value)));
    return head.append("\r\n").toString();
  }

  /** Refuses what would end the header: values come from the command line. */
  private static String header(String name, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < 0x20 || c > 0x7E) {
        throw new IllegalArgumentException(
            "%s: character U+%04X at %d: a header holds printable ASCII only"
                .formatted(name, (int) c, i));
      }
    }
    return name + ": " + value + "\r\n";
  }

  private Answer read(Transport transport) throws IOException {
    InputStream in = new BufferedInputStream(transport.in(), 16 * 1024);
    HeadReader head = new HeadReader(in, MAX_HEAD_BYTES);
    int status;
    Map<String, String> headers;
    do {
      status = status(head.line());
      headers = headers(head);
    } while (status / 100 == 1);
    return new Answer(status, headers, body(status, headers, in), transport);
  }

  private int status(String line) throws IOException {
    if (!line.matches("HTTP/1\\.[01] [1-5][0-9][0-9]( .*)?")) {
      throw new IOException(endpoint + ": answers something that is not HTTP/1.1");
    }
    return Integer.parseInt(line.substring(9, 12));
  }

  private Map<String, String> headers(HeadReader head) throws IOException {
    Map<String, String> headers = new HashMap<>();
    for (String line = head.line(); !line.isEmpty(); line = head.line()) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IOException(endpoint + ": answers a header without a colon");
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return headers;
  }

  private static InputStream body(int status, Map<String, String> headers, InputStream in)
      throws IOException {
    if (status == 204 || status == 304) {
      return InputStream.nullInputStream();
    }
    if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      return new ChunkedBody(in);
    }
    String length = headers.get("content-length");
    if (length == null) {
      return in; // it ends with the connection
    }
    if (!length.matches("[0-9]{1,18}")) {
      throw new IOException("answer with content-length '" + length + "'");
    }
    return new FixedBody(in, Long.parseLong(length));
  }

  /** Reads lines that end with CRLF, up to a limit of bytes for all of them. */
  private static final class HeadReader {
    private final InputStream in;
    private int left;

    HeadReader(InputStream in, int maxBytes) {
      this.in = in;
      this.left = maxBytes;
    }

    String line() throws IOException {
      StringBuilder line = new StringBuilder();
      while (true) {
        int b = in.read();
        if (b < 0) {
          throw new EOFException("the service closed the connection without an answer");
        }
        if (--left < 0) {
          throw new IOException("answer with more than " + MAX_HEAD_BYTES + " bytes of headers");
        }
        if (b == '\n') {
          int end = line.length();
          return end > 0 && line.charAt(end - 1) == '\r'
              ? line.substring(0, end - 1)
              : line.toString();
        }
        line.append((char) b);
      }
    }
  }
}
