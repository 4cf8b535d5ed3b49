package dev.cairn.backend.tpm.quote;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The file of PCR values that tpm2_checkquote takes: structures of tpm2-tss as they lie in memory,
 * little-endian, with their padding.
 *
 * <pre>
 * offset   size
 *      0    132  u32 entries | 16 × { u16 hash | u8 bitmap length | 4-byte bitmap | 1 unused }
 *    132      4  u32 lists
 *    136    532  each list: u32 values | 8 × { u16 length | 64 bytes }
 * </pre>
 *
 * <p>The other format, values alone, does not work with more than one PCR of a bank in tpm2-tools
 * 5.4.
 *
 * @see "tpm2-tools lib/pcr.c; tpm2-tss tss2_tpm2_types.h"
 */
final class Tpm2ToolsPcrs {
  private static final int BITMAP_BYTES = 3;
  private static final int ENTRY_BYTES = 8;
  private static final int SELECTION_BYTES =
      Integer.BYTES + QuotedSelection.MAX_ENTRIES * ENTRY_BYTES;
  private static final int VALUES_PER_LIST = 8;
  private static final int VALUE_BYTES = Short.BYTES + 64;
  private static final int LIST_BYTES = Integer.BYTES + VALUES_PER_LIST * VALUE_BYTES;

  private Tpm2ToolsPcrs() {}

  /** Writes {@code values}, which are all of {@code selection}, in its order. */
  static Bytes encode(QuotedSelection selection, List<Digest> values) {
    int lists = (values.size() + VALUES_PER_LIST - 1) / VALUES_PER_LIST;
    int listsAt = SELECTION_BYTES + Integer.BYTES;
    ByteBuffer file =
        ByteBuffer.allocate(listsAt + lists * LIST_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(selection.entries().size());
    for (QuotedSelection.Entry entry : selection.entries()) {
      file.putShort((short) entry.bank().tpmId()).put((byte) BITMAP_BYTES);
      file.putInt(entry.bitmap()).put((byte) 0);
    }
    file.putInt(SELECTION_BYTES, lists);
    for (int i = 0; i < values.size(); i++) {
      int list = listsAt + i / VALUES_PER_LIST * LIST_BYTES;
      file.putInt(list, i % VALUES_PER_LIST + 1);
      Bytes value = values.get(i).value();
      file.position(list + Integer.BYTES + i % VALUES_PER_LIST * VALUE_BYTES);
      value.copyTo(file.putShort((short) value.length()));
    }
    return Bytes.owning(file.array());
  }
}
