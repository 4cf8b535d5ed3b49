package dev.cairn.cli.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * A body in chunks.
 *
 * @see "RFC 9112, 7.1 Chunked Transfer Coding"
 */
final class ChunkedBody extends InputStream {
  private static final int MAX_LINE = 4096;

  private final InputStream in;
  private long left;
  private boolean first = true;
  private boolean ended;

  ChunkedBody(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0 && !ended) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int got = in.read(target, offset, (int) Math.min(length, left));
    if (got < 0) {
      throw brokeOff();
    }
    left -= got;
    return got;
  }

  private void nextChunk() throws IOException {
    if (!first && !line().isEmpty()) {
      throw new IOException("a chunk of the answer is longer than it says");
    }
    first = false;
    String size = line();
    int semicolon = size.indexOf(';'); // extensions follow, and mean nothing to us
    String digits = (semicolon < 0 ? size : size.substring(0, semicolon)).strip();
    if (!digits.matches("[0-9a-fA-F]{1,15}")) {
      throw new IOException("a chunk of the answer has no size but '" + digits + "'");
    }
    left = Long.parseLong(digits, 16);
    if (left == 0) {
      ended = true;
      skipTrailers();
    }
  }

  private void skipTrailers() throws IOException {
    String line = line();
    while (!line.isEmpty()) {
      line = line();
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw brokeOff();
      }
      if (line.length() == MAX_LINE) {
        throw new IOException("a chunk of the answer has a head of more than 4096 bytes");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  private static EOFException brokeOff() {
    return new EOFException("the answer broke off in the middle");
  }
}
