package dev.cairn.coco;

import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;

/** Encodes a stream as standard base64 with padding, as it is read. */
final class Base64Stream extends InputStream {
  private static final int RAW = 3 * 16 * 1024;

  private final InputStream in;
  private final byte[] raw = new byte[RAW];
  private byte[] encoded = new byte[0];
  private int position;

  Base64Stream(InputStream in) {
    this.in = in;
  }

  /** Returns how long {@code length} bytes are when encoded. */
  static long encodedLength(long length) {
    return (length + 2) / 3 * 4;
  }

  @Override
  public int read() throws IOException {
    return fill() ? encoded[position++] : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, encoded.length - position);
    System.arraycopy(encoded, position, target, offset, count);
    position += count;
    return count;
  }

  private boolean fill() throws IOException {
    if (position < encoded.length) {
      return true;
    }
    int count = in.readNBytes(raw, 0, RAW); // whole triples but at the end
    if (count == 0) {
      return false;
    }
    encoded = Base64.getEncoder().encode(count == RAW ? raw : java.util.Arrays.copyOf(raw, count));
    position = 0;
    return true;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
