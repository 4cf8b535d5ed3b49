package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Gives out the bytes before the first that is no UTF-8, and then the error. */
final class Utf8InputStream extends FilterInputStream {
  private final LogFormat format;
  private final Utf8 utf8 = new Utf8();
  private long position;
  private boolean broken;

  Utf8InputStream(InputStream in, LogFormat format) {
    super(in);
    this.format = format;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count = broken ? 0 : in.read(target, offset, length);
    if (count > 0) {
      int invalid = utf8.firstInvalid(target, offset, offset + count);
      if (invalid >= 0) {
        broken = true;
        count = invalid - offset;
      }
    }
    if (broken && count == 0) {
      throw new MalformedLogException(format, position, "text: needs UTF-8");
    }
    position += Math.max(0, count);
    return count;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
