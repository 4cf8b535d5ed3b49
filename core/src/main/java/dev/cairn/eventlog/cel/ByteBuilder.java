package dev.cairn.eventlog.cel;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Collects bytes for one thread. {@link java.io.ByteArrayOutputStream} takes a lock for every byte,
 * which was most of the time that a record of CEL-CBOR took.
 */
final class ByteBuilder extends OutputStream {
  private byte[] array;
  private int size;

  ByteBuilder(int capacity) {
    this.array = new byte[capacity];
  }

  @Override
  public void write(int value) {
    if (size == array.length) {
      grow(1);
    }
    array[size++] = (byte) value;
  }

  @Override
  public void write(byte[] source) {
    write(source, 0, source.length);
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    if (length > array.length - size) {
      grow(length);
    }
    System.arraycopy(source, offset, array, size, length);
    size += length;
  }

  private void grow(int more) {
    long doubled = Math.min(2L * array.length, Integer.MAX_VALUE - 8);
    array = Arrays.copyOf(array, (int) Math.max(doubled, Math.addExact(size, more)));
  }

  int size() {
    return size;
  }

  void reset() {
    size = 0;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(array, size);
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(array, 0, size);
  }

  /** Compares the bytes from one place to another with those from a third to the end. */
  int compare(int from, int to, int other) {
    return Arrays.compareUnsigned(array, from, to, array, other, size);
  }

  boolean isUtf8(int from) {
    return Utf8.isValid(array, from, size);
  }
}
