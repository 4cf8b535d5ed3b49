package dev.cairn.store;

import dev.cairn.measure.RegisterId;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Layout of an {@code .idx} file: a head, then one entry per confirmed record of the segment, in
 * order; big-endian. Entry {@code i} is about the record at position {@code base + i}. A change of
 * anything here needs a new version number; files of another version are rebuilt.
 *
 * <pre>
 * head   offset  size
 *           0      8   "CAIRNIDX"
 *           8      4   version, 1
 *          12      4   size of an entry, 32
 *          16      8   position of the segment's first record
 *          24      4   zero
 *          28      4   CRC-32C of the 28 bytes before
 *
 * entry     0      8   offset of the record in the segment
 *           8      4   length of the record
 *          12      4   CRC-32C of the record
 *          16      1   register: 1 PCR, 2 NV index, 108 CC measurement register (as in CEL-TLV)
 *          17      3   check: low 24 bits of the CRC-32C of this entry with zeros here
 *          20      4   register: index
 *          24      8   recnum
 * </pre>
 */
final class IndexLayout {
  static final long MAGIC = 0x4341_4952_4E49_4458L; // "CAIRNIDX"
  static final int VERSION = 1;

  private static final int VERSION_AT = Long.BYTES;
  private static final int ENTRY_SIZE_AT = VERSION_AT + Integer.BYTES;
  private static final int BASE_AT = ENTRY_SIZE_AT + Integer.BYTES;
  private static final int RESERVED_AT = BASE_AT + Long.BYTES;
  private static final int HEAD_CRC_AT = RESERVED_AT + Integer.BYTES;
  static final int HEAD_BYTES = HEAD_CRC_AT + Integer.BYTES;

  private static final int OFFSET_AT = 0;
  private static final int LENGTH_AT = OFFSET_AT + Long.BYTES;
  private static final int CRC_AT = LENGTH_AT + Integer.BYTES;
  private static final int KIND_AT = CRC_AT + Integer.BYTES; // shares an int with the check
  private static final int INDEX_AT = KIND_AT + Integer.BYTES;
  private static final int RECNUM_AT = INDEX_AT + Integer.BYTES;
  static final int ENTRY_BYTES = RECNUM_AT + Long.BYTES;

  private static final int CHECK_MASK = 0x00FF_FFFF;
  private static final int KIND_SHIFT = 24;

  private IndexLayout() {}

  static ByteBuffer head(long basePosition) {
    ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
    head.putLong(MAGIC).putInt(VERSION).putInt(ENTRY_BYTES).putLong(basePosition).putInt(0);
    CRC32C crc = new CRC32C();
    crc.update(head.array(), 0, HEAD_CRC_AT);
    return head.putInt((int) crc.getValue()).flip();
  }

  /** Returns where the entry of {@code position} lies in the file. */
  static long entryOffset(long basePosition, long position) {
    return HEAD_BYTES + (position - basePosition) * ENTRY_BYTES;
  }

  /** Adds an entry to {@code entries}, which is backed by an array. */
  static void put(
      ByteBuffer entries, long offset, int length, int crc, RegisterId register, long recnum) {
    int at = entries.position();
    entries.putLong(offset).putInt(length).putInt(crc);
    entries.putInt(kindCode(register.kind()) << KIND_SHIFT).putInt((int) register.index());
    entries.putLong(recnum);
    entries.putInt(at + KIND_AT, entries.getInt(at + KIND_AT) | check(entries, at));
  }

  /** Returns whether the entry at {@code at} is one that was written whole. */
  static boolean intact(ByteBuffer entries, int at) {
    int kindAndCheck = entries.getInt(at + KIND_AT);
    entries.putInt(at + KIND_AT, kindAndCheck & ~CHECK_MASK);
    int check = check(entries, at);
    entries.putInt(at + KIND_AT, kindAndCheck);
    return check == (kindAndCheck & CHECK_MASK);
  }

  private static int check(ByteBuffer entries, int at) {
    CRC32C crc = new CRC32C();
    crc.update(entries.array(), entries.arrayOffset() + at, ENTRY_BYTES);
    return (int) crc.getValue() & CHECK_MASK;
  }

  static long offset(ByteBuffer entries, int at) {
    return entries.getLong(at + OFFSET_AT);
  }

  static int length(ByteBuffer entries, int at) {
    return entries.getInt(at + LENGTH_AT);
  }

  static int crc(ByteBuffer entries, int at) {
    return entries.getInt(at + CRC_AT);
  }

  /** Returns the offset in the segment behind the record. */
  static long end(ByteBuffer entries, int at) {
    return offset(entries, at) + Integer.toUnsignedLong(length(entries, at));
  }

  private static int kindCode(RegisterId.Kind kind) {
    return switch (kind) {
      case PCR -> 1;
      case NV -> 2;
      case CCMR -> 108;
    };
  }
}
