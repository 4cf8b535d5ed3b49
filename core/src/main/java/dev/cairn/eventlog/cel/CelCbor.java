package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * CEL-CBOR: one array of records, deterministic. {@code CborLayout} has the table.
 *
 * <p>Read strictly: what is not the deterministic encoding (a longer head than needed, an
 * indefinite length, keys out of order, a tag around a field) is refused, and so is anything behind
 * the array. A content of a known type whose inside is not as the table says becomes an {@link
 * dev.cairn.eventlog.OpaqueContent} of that number.
 *
 * @see "TCG CEL 1.1, 5.2; RFC 8949, 4.2.1"
 */
public final class CelCbor {
  private CelCbor() {}

  /** Reads records until the end of the array; memory is bounded by one record. */
  public static EventReader reader(InputStream in, Limits limits) {
    return new CelCborReader(in, LogFormat.CEL_CBOR, limits);
  }

  /**
   * Writes an array of exactly {@code count} records: its length comes first, so it has to be
   * known.
   *
   * <p>{@link EventWriter#write} throws {@link IllegalStateException} for one record more, and
   * {@link EventWriter#close} if any is missing. Where the number is unknown, {@link CelCborSeq} is
   * the form to write.
   */
  public static EventWriter writer(OutputStream out, long count, CelOptions options) {
    if (count < 0) {
      throw new IllegalArgumentException("count " + count + ": needs 0 or more");
    }
    return new CelWriter(
        out,
        new CborEncoder(LogFormat.CEL_CBOR, options),
        CelWriter.Frame.cborArray(count),
        options.versionFirst());
  }
}
