package dev.cairn.evidence;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;

/** The base64 form (RFC 4648, 4, with padding) of another stream's bytes. For one thread. */
public final class Base64Stream extends InputStream {
  private static final int GROUP = 3;
  private static final int PLAIN_BYTES = GROUP * 16 * 1024;

  private final InputStream in;
  private final byte[] plain = new byte[PLAIN_BYTES];
  private final byte[] text = new byte[PLAIN_BYTES / GROUP * 4];
  private int position;
  private int limit;
  private boolean ended;

  /** Encodes {@code in}, which is closed with this. */
  public Base64Stream(InputStream in) {
    this.in = in;
  }

  /** Returns the length of the form of {@code length} bytes. */
  public static long encodedLength(long length) {
    return (length + GROUP - 1) / GROUP * 4;
  }

  @Override
  public int read() throws IOException {
    return position < limit || fill() ? text[position++] : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (position == limit && !fill()) {
      return -1;
    }
    int given = Math.min(length, limit - position);
    System.arraycopy(text, position, target, offset, given);
    position += given;
    return given;
  }

  /** Encodes the next bytes; whole groups of three until the end, so that padding comes last. */
  private boolean fill() throws IOException {
    if (ended) {
      return false;
    }
    int length = in.readNBytes(plain, 0, PLAIN_BYTES);
    ended = length < PLAIN_BYTES;
    limit = Base64.getEncoder().encode(ended ? Arrays.copyOf(plain, length) : plain, text);
    position = 0;
    return limit > 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
