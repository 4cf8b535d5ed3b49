package dev.cairn.cli.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the service answered. Holds the connection until it is closed. */
public final class Answer implements Closeable {
  private final int status;
  private final Map<String, String> headers;
  private final InputStream body;
  private final Closeable connection;

  Answer(int status, Map<String, String> headers, InputStream body, Closeable connection) {
    this.status = status;
    this.headers = Map.copyOf(headers);
    this.body = body;
    this.connection = connection;
  }

  /** Returns the status code. */
  public int status() {
    return status;
  }

  /** Returns whether the status code is 200 to 299. */
  public boolean successful() {
    return status / 100 == 2;
  }

  /** Returns the header of this name, in whatever case it is written. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /** Returns the body, which ends where the answer does; a shorter one fails. */
  public InputStream body() {
    return body;
  }

  /**
   * Returns the whole body.
   *
   * @throws IOException also if it is longer than {@code maxBytes}
   */
  public byte[] readBody(int maxBytes) throws IOException {
    byte[] bytes = body.readNBytes(maxBytes + 1);
    if (bytes.length > maxBytes) {
      throw new IOException("answer is longer than " + maxBytes + " bytes");
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
