package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.UnrepresentableRecordException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * CEL-TLV: what lies on disk. {@code CelTlvLayout} has the table.
 *
 * <p>Integers are read in any width up to eight bytes and written in one, so a log in another style
 * gives the same records and, written again, bytes of this profile. A content of a known type whose
 * inside is not as the table says becomes an {@link dev.cairn.eventlog.OpaqueContent} of that
 * number and is written back as it was; the four outer TLVs and the digests have to be right.
 *
 * @see "TCG CEL 1.1, 5.1"
 */
public final class CelTlv {
  private CelTlv() {}

  /**
   * Reads records until the end of {@code in}; buffers by itself. Memory is bounded by one record
   * and by twice what has arrived of it.
   */
  public static EventReader reader(InputStream in, Limits limits) {
    return new CelTlvReader(in, limits);
  }

  /** Writes records to {@code out}, which gets them in pieces of some kilobytes. */
  public static EventWriter writer(OutputStream out) {
    return new CelTlvWriter(out);
  }

  /**
   * Returns how many bytes {@code record} takes.
   *
   * @throws UnrepresentableRecordException if CEL-TLV cannot say it
   */
  public static int encodedLength(EventRecord record) throws UnrepresentableRecordException {
    return CelTlvEncoder.length(record);
  }

  /**
   * Puts {@code record} into {@code target} at its position, {@link #encodedLength} bytes. About 50
   * ns, no garbage.
   *
   * @param target in big-endian order
   * @throws UnrepresentableRecordException if CEL-TLV cannot say it; nothing was put then
   * @throws java.nio.BufferOverflowException if there is no room; nothing was put then
   */
  public static void encode(EventRecord record, ByteBuffer target)
      throws UnrepresentableRecordException {
    CelTlvEncoder.encode(record, target);
  }

  /**
   * Decodes the one record that fills {@code length} bytes of {@code array} from {@code from} on.
   * The record keeps no reference to the array.
   *
   * @throws MalformedLogException if they are not one whole record; its offset counts from {@code
   *     from}
   */
  public static EventRecord decode(byte[] array, int from, int length, Limits limits)
      throws MalformedLogException {
    java.util.Objects.checkFromIndexSize(from, length, array.length);
    try {
      CelTlvReader reader = new CelTlvReader(array, from, length, limits);
      EventRecord record = reader.next();
      if (record == null || reader.endOffset() != length) {
        throw new MalformedLogException(
            LogFormat.CEL_TLV,
            reader.endOffset(),
            "%d bytes in all, the record needs %d".formatted(length, reader.endOffset()));
      }
      return record;
    } catch (MalformedLogException e) {
      throw e;
    } catch (IOException e) {
      throw new IllegalStateException("an array cannot fail to be read", e);
    }
  }
}
