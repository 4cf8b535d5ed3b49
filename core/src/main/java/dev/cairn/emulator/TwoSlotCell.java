package dev.cairn.emulator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A value in a mapped file that changes in one step, also if the process is killed between any two
 * stores. Big-endian:
 *
 * <pre>
 * offset   size   field
 *      0      8   word: the low 32 bits count the changes; slot (word &amp; 1) is in force
 *      8      S   slot 0
 *    8+S      S   slot 1
 *
 * slot:    P      payload, then zeros up to a multiple of 8
 *          8      CRC-32C of the word in force and the padded payload, as u64
 * </pre>
 *
 * <p>A change writes the slot that is not in force, then the word with one aligned release store.
 * What the upper half of the word means is the user's. A cell of zeros has the word 0 and no value.
 */
final class TwoSlotCell {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG_IN_ARRAY =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int PAYLOAD = Long.BYTES; // in the image: the word, then what a slot holds

  private final ByteBuffer file;
  private final int offset;
  private final int slotBytes;
  private final int payloadBytes;
  private final byte[] image; // word, payload, padding, checksum
  private final CRC32C checksum = new CRC32C();

  TwoSlotCell(ByteBuffer file, int offset, int payloadBytes) {
    this.file = file;
    this.offset = offset;
    this.payloadBytes = payloadBytes;
    this.slotBytes = slotBytes(payloadBytes);
    this.image = new byte[PAYLOAD + slotBytes];
  }

  /** Returns how many bytes a cell takes, a multiple of 8. */
  static int sizeBytes(int payloadBytes) {
    return Long.BYTES + 2 * slotBytes(payloadBytes);
  }

  private static int slotBytes(int payloadBytes) {
    return (payloadBytes + Long.BYTES - 1) / Long.BYTES * Long.BYTES + Long.BYTES;
  }

  /** Returns the word in force. */
  long word() {
    return (long) LONG.getAcquire(file, offset);
  }

  /** Copies the payload in force to {@code target}; returns false if its checksum is wrong. */
  boolean load(byte[] target) {
    long word = word();
    file.get(slotOffset(word), image, PAYLOAD, slotBytes);
    System.arraycopy(image, PAYLOAD, target, 0, payloadBytes);
    return (long) LONG_IN_ARRAY.get(image, slotBytes) == checksum(word);
  }

  /** Puts {@code payload} into force, under the next number and with {@code upper} beside it. */
  void store(int upper, byte[] payload) {
    long next = ((long) upper << Integer.SIZE) | Integer.toUnsignedLong((int) word() + 1);
    System.arraycopy(payload, 0, image, PAYLOAD, payloadBytes);
    Arrays.fill(image, PAYLOAD + payloadBytes, slotBytes, (byte) 0);
    LONG_IN_ARRAY.set(image, slotBytes, checksum(next));
    file.put(slotOffset(next), image, PAYLOAD, slotBytes);
    LONG.setRelease(file, offset, next);
  }

  private int slotOffset(long word) {
    return offset + Long.BYTES + (int) (word & 1) * slotBytes;
  }

  /** Of the word and the padded payload in {@link #image}. */
  private long checksum(long word) {
    LONG_IN_ARRAY.set(image, 0, word);
    checksum.reset();
    checksum.update(image, 0, slotBytes);
    return checksum.getValue();
  }
}
