package dev.cairn.measure;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** An immutable string of bytes, equal by content. */
public final class Bytes implements Comparable<Bytes> {
  /** No bytes at all. */
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] array;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** Copies {@code array}. */
  public static Bytes copyOf(byte[] array) {
    return array.length == 0 ? EMPTY : new Bytes(array.clone());
  }

  /**
   * Copies {@code length} bytes of {@code array} from {@code offset} on.
   *
   * @throws IndexOutOfBoundsException if they are not all there
   */
  public static Bytes copyOf(byte[] array, int offset, int length) {
    java.util.Objects.checkFromIndexSize(offset, length, array.length);
    return length == 0 ? EMPTY : new Bytes(Arrays.copyOfRange(array, offset, offset + length));
  }

  /**
   * Takes {@code array} without a copy. For arrays that were made for this call and that nobody
   * else will ever write to.
   */
  public static Bytes owning(byte[] array) {
    return array.length == 0 ? EMPTY : new Bytes(array);
  }

  /** Returns {@code length} bytes that all have the value {@code filler}. */
  public static Bytes filled(int length, int filler) {
    byte[] array = new byte[length];
    Arrays.fill(array, (byte) filler);
    return owning(array);
  }

  /**
   * Parses hexadecimal digits of either case.
   *
   * @throws IllegalArgumentException if the text has an odd length or another character
   */
  public static Bytes fromHex(CharSequence hex) {
    return owning(HexFormat.of().parseHex(hex));
  }

  /** Returns how many bytes there are. */
  public int length() {
    return array.length;
  }

  /** Returns whether there are none. */
  public boolean isEmpty() {
    return array.length == 0;
  }

  /** Returns the byte at {@code index} as 0 to 255. */
  public int at(int index) {
    return array[index] & 0xFF;
  }

  /** Returns whether every byte has the value {@code filler}; true for no bytes. */
  public boolean isFilledWith(int filler) {
    for (byte b : array) {
      if (b != (byte) filler) {
        return false;
      }
    }
    return true;
  }

  /** Returns a copy that the caller may change. */
  public byte[] toArray() {
    return array.clone();
  }

  /** Copies all bytes into {@code target} from {@code offset} on. */
  public void copyTo(byte[] target, int offset) {
    System.arraycopy(array, 0, target, offset, array.length);
  }

  /** Copies all bytes into {@code target} at its position. */
  public void copyTo(ByteBuffer target) {
    target.put(array);
  }

  /** Returns a read-only view for parsing, from position 0 to {@link #length()}, big-endian. */
  public ByteBuffer toReadOnlyBuffer() {
    return ByteBuffer.wrap(array).asReadOnlyBuffer();
  }

  /** Returns the bytes from {@code from} (inclusive) to {@code to} (exclusive). */
  public Bytes slice(int from, int to) {
    return copyOf(array, from, to - from);
  }

  /** Returns whether the first bytes are {@code prefix}. */
  public boolean startsWith(Bytes prefix) {
    return array.length >= prefix.array.length
        && Arrays.equals(array, 0, prefix.array.length, prefix.array, 0, prefix.array.length);
  }

  /** Returns whether {@code other} holds exactly these bytes from {@code offset} on. */
  public boolean isAt(byte[] other, int offset) {
    return other.length - offset >= array.length
        && Arrays.equals(array, 0, array.length, other, offset, offset + array.length);
  }

  /** Feeds all bytes to {@code digest}. */
  public void feed(MessageDigest digest) {
    digest.update(array);
  }

  /** Feeds {@code length} bytes from {@code offset} on to {@code digest}. */
  public void feed(MessageDigest digest, int offset, int length) {
    digest.update(array, offset, length);
  }

  /** Writes all bytes to {@code out}. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(array);
  }

  /** Returns lower-case hexadecimal digits. */
  public String toHex() {
    return HexFormat.of().formatHex(array);
  }

  /** Orders by unsigned bytes, a prefix first. */
  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(array, other.array);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(array);
  }

  /** Returns what {@link #toHex()} does. */
  @Override
  public String toString() {
    return toHex();
  }
}
