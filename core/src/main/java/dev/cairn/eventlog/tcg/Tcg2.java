package dev.cairn.eventlog.tcg;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.RegisterId;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The crypto-agile log of TCG firmware, CCEL included (TCG PFP 1.06 §10.2; all little-endian).
 *
 * <pre>
 * header record                         event record, repeated
 * offset  size  field                   offset  size  field
 *      0     4  index: 0, CCEL 1             0     4  index: PCR, or MrIndex in a CCEL
 *      4     4  type 3, EV_NO_ACTION         4     4  type
 *      8    20  SHA-1 digest, zeros          8     4  number of digests n
 *     28     4  size                        12     D  n × { u16 algorithm, digest }
 *     32  size  {@link SpecIdEvent}             12+D     4  size
 *                                         16+D  size  event data
 * </pre>
 *
 * The log ends with the file, with eight bytes 0xFF, or with zeros (at least 16) up to the end of
 * the file. The header is the first record that is read, and may be the first that is written.
 */
public final class Tcg2 {
  static final int RECORD_HEAD = Integer.BYTES + Integer.BYTES + Integer.BYTES;
  static final int HEADER_HEAD = Integer.BYTES + Integer.BYTES + 20 + Integer.BYTES;

  /** Eight bytes 0xFF: index and type. */
  static final int END_MARK = Integer.BYTES + Integer.BYTES;

  /** As long as the shortest record, one without digests and data. */
  static final int LEAST_ZERO_PADDING = RECORD_HEAD + Integer.BYTES;

  private Tcg2() {}

  /**
   * Reads records, the header first, to the end of the log; {@code in} is closed with the reader.
   * Nothing at all is an empty log.
   *
   * @param kind what the indices are; null to take it from the header: {@link RegisterId.Kind#CCMR}
   *     if its index is 1, its signature is zero (CoCo) or its vendor info says td-shim
   */
  public static EventReader reader(InputStream in, Limits limits, RegisterId.@Nullable Kind kind) {
    return new Tcg2Reader(in, limits, kind);
  }

  /** Reads as {@link #reader(InputStream, Limits, RegisterId.Kind)} without a kind does. */
  public static EventReader reader(InputStream in, Limits limits) {
    return reader(in, limits, null);
  }

  /**
   * Returns whether a log that begins with {@code head} is one: its first record is of type
   * EV_NO_ACTION and holds a {@link SpecIdEvent}, damaged or not.
   *
   * @param head the first bytes, cut anywhere; 4 KiB are enough
   */
  public static boolean recognises(Bytes head) {
    if (head.length() < HEADER_HEAD) {
      return false;
    }
    ByteBuffer in = head.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long type = Integer.toUnsignedLong(in.getInt(Integer.BYTES));
    long size = Integer.toUnsignedLong(in.getInt(HEADER_HEAD - Integer.BYTES));
    int end = (int) Math.min(head.length(), HEADER_HEAD + size);
    return SpecIdEvent.isIn(new PcClientEvent(type, head.slice(HEADER_HEAD, end)));
  }

  /**
   * Writes records that are {@link dev.cairn.eventlog.PcClientEvent}s of registers of one kind. If
   * the first is a header, it is written as it is; else a header is made. Digests follow the order
   * of the header. {@code out} stays the caller's to close.
   */
  public static EventWriter writer(OutputStream out, Tcg2Options options) {
    return new Tcg2Writer(out, options);
  }
}
