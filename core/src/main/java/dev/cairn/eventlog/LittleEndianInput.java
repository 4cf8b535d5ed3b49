package dev.cairn.eventlog;

import dev.cairn.measure.Bytes;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * Reads the fields of a binary log with little-endian integers and knows the offset of each. What a
 * log claims to hold costs nothing: the window grows only as bytes really arrive. For one thread.
 */
public final class LittleEndianInput implements Closeable {
  private static final int FIRST_WINDOW = 1 << 14;
  private static final int LARGEST_WINDOW = Integer.MAX_VALUE - 8;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private final InputStream in;
  private final LogFormat format;
  private byte[] window = new byte[FIRST_WINDOW];
  private int position;
  private int limit;
  private long windowOffset;
  private boolean ended;

  /** Reads {@code in} from here on, which is offset 0; errors name {@code format}. */
  public LittleEndianInput(InputStream in, LogFormat format) {
    this.in = in;
    this.format = format;
  }

  /** Returns the offset of the next byte. */
  public long offset() {
    return windowOffset + position;
  }

  /** Returns how many bytes are left, but no more than {@code wanted}; waits for that many. */
  public int left(int wanted) throws IOException {
    if (limit - position < wanted) {
      fill(wanted);
    }
    return Math.min(wanted, limit - position);
  }

  /**
   * Waits for {@code count} bytes.
   *
   * @param what the field's name in the error
   * @throws MalformedLogException if the log ends before
   */
  public void need(int count, String what) throws IOException {
    if (limit - position < count) {
      fill(count);
      if (limit - position < count) {
        throw malformed("%s needs %d bytes, %d are left".formatted(what, count, limit - position));
      }
    }
  }

  /** Reads a u16; errors as {@link #need}. */
  public int u16(String what) throws IOException {
    need(Short.BYTES, what);
    int value = Short.toUnsignedInt((short) SHORT.get(window, position));
    position += Short.BYTES;
    return value;
  }

  /** Reads a u32; errors as {@link #need}. */
  public long u32(String what) throws IOException {
    need(Integer.BYTES, what);
    long value = Integer.toUnsignedLong((int) INT.get(window, position));
    position += Integer.BYTES;
    return value;
  }

  /** Reads {@code count} bytes; errors as {@link #need}. */
  public Bytes bytes(int count, String what) throws IOException {
    need(count, what);
    Bytes bytes = Bytes.copyOf(window, position, count);
    position += count;
    return bytes;
  }

  /**
   * Reads the u32 length of a field that follows.
   *
   * @param most what is accepted, from {@link Limits}
   * @throws MalformedLogException if the length is above {@code most}, or as {@link #need}
   */
  public int length(String what, int most) throws IOException {
    need(Integer.BYTES, what);
    long length = Integer.toUnsignedLong((int) INT.get(window, position));
    if (length > most) {
      throw malformed("%s says %d, at most %d is accepted".formatted(what, length, most));
    }
    position += Integer.BYTES;
    return (int) length;
  }

  /**
   * Returns the int {@code distance} bytes further on, which {@link #need} has shown to be there.
   */
  public int peekInt(int distance) {
    Objects.checkFromIndexSize(distance, Integer.BYTES, limit - position);
    return (int) INT.get(window, position + distance);
  }

  /** Returns the next bytes, at most {@code count}, without reading them. */
  public Bytes peek(int count) throws IOException {
    int length = left(count); // may replace the window
    return Bytes.copyOf(window, position, length);
  }

  /** Returns whether the next bytes are {@code count} times {@code filler}; reads none. */
  public boolean nextAre(int count, int filler) throws IOException {
    if (left(count) < count) {
      return false;
    }
    for (int i = position; i < position + count; i++) {
      if (window[i] != (byte) filler) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether the next bytes are {@code expected}; reads none. */
  public boolean nextAre(byte[] expected) throws IOException {
    return left(expected.length) == expected.length
        && Arrays.equals(
            window, position, position + expected.length, expected, 0, expected.length);
  }

  /**
   * Skips {@code count} bytes that {@link #left}, {@link #need} or {@link #nextAre} has shown to be
   * there.
   */
  public void skip(int count) {
    position += Objects.checkIndex(count, limit - position + 1);
  }

  /** Skips all bytes up to the first that is not {@code filler}, in constant memory. */
  public void skipAll(int filler) throws IOException {
    while (left(1) == 1) {
      while (position < limit) {
        if (window[position] != (byte) filler) {
          return;
        }
        position++;
      }
    }
  }

  /** Makes the error for what is found at {@link #offset()}. */
  public MalformedLogException malformed(String reason) {
    return malformedAt(offset(), reason);
  }

  /** Makes the error for what was found at {@code offset}. */
  public MalformedLogException malformedAt(long offset, String reason) {
    return new MalformedLogException(format, offset, reason);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private void fill(int wanted) throws IOException {
    while (!ended && limit - position < wanted) {
      if (limit == window.length) {
        makeRoom();
      }
      int count = in.read(window, limit, window.length - limit);
      if (count < 0) {
        ended = true;
      } else {
        limit += count;
      }
    }
  }

  private void makeRoom() {
    if (position == 0) {
      window = Arrays.copyOf(window, (int) Math.min(LARGEST_WINDOW, 2L * window.length));
      return;
    }
    System.arraycopy(window, position, window, 0, limit - position);
    windowOffset += position;
    limit -= position;
    position = 0;
  }
}
