package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A sequence of CEL-JSON records, {@code 0x1E record 0x0A} each; {@link CelJson} has the records.
 * It can be appended to. A record without its line feed is a cut one.
 *
 * @see "RFC 7464 JavaScript Object Notation (JSON) Text Sequences"
 */
public final class CelJsonSeq {
  static final byte RECORD_SEPARATOR = 0x1E;
  static final byte LINE_FEED = 0x0A;

  private CelJsonSeq() {}

  /** Reads records until the end of {@code in}; memory is bounded by one record. */
  public static EventReader reader(InputStream in, Limits limits) {
    return new CelJsonSeqReader(in, limits);
  }

  /** Writes every record as it is. */
  public static EventWriter writer(OutputStream out) {
    return writer(out, CelOptions.LOSSLESS);
  }

  /** Writes records as {@code options} say. */
  public static EventWriter writer(OutputStream out, CelOptions options) {
    return new CelWriter(
        out,
        new JsonEncoder(LogFormat.CEL_JSON_SEQ, options.registers()),
        CelWriter.Frame.JSON_SEQUENCE,
        options.versionFirst());
  }
}
