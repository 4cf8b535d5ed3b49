package dev.cairn.store;

import dev.cairn.eventlog.MalformedLogException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Bytes of one segment, read in runs into one buffer. Memory: one run. One thread. */
abstract class SegmentStream extends InputStream {
  /** How much is read at once, if records are not larger. */
  static final int RUN_BYTES = 1 << 16;

  private byte[] buffer = new byte[0];
  private int next;
  private int end;
  private @Nullable MalformedLogException failure;

  /** Returns the offset in the whole log where the stream ends. */
  abstract long endOffset();

  /**
   * Reads the next run and hands it over with {@link #provide}.
   *
   * @return whether there was one; false at the end
   * @throws MalformedLogException with its place in the whole log
   */
  abstract boolean fill() throws IOException;

  /** Takes {@code bytes}, which stay the subclass's to overwrite in the next {@link #fill()}. */
  final void provide(byte[] bytes, int length) {
    buffer = bytes;
    next = 0;
    end = length;
  }

  /** Returns the error that this stream itself threw, if it did. */
  final @Nullable MalformedLogException failure() {
    return failure;
  }

  private boolean hasByte() throws IOException {
    if (next < end) {
      return true;
    }
    if (failure != null) {
      throw failure;
    }
    try {
      return fill();
    } catch (MalformedLogException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public final int read() throws IOException {
    return hasByte() ? buffer[next++] & 0xFF : -1;
  }

  @Override
  public final int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (!hasByte()) {
      return -1;
    }
    int taken = Math.min(length, end - next);
    System.arraycopy(buffer, next, target, offset, taken);
    next += taken;
    return taken;
  }

  @Override
  public final int available() {
    return end - next;
  }

  @Override
  public abstract void close() throws IOException;
}
