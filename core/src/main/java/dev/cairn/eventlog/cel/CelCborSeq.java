package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * CEL-CBOR records one after the other, which can be appended to; {@link CelCbor} has the rules.
 *
 * @see "RFC 8742 Concise Binary Object Representation (CBOR) Sequences"
 */
public final class CelCborSeq {
  private CelCborSeq() {}

  /** Reads records until the end of {@code in}; memory is bounded by one record. */
  public static EventReader reader(InputStream in, Limits limits) {
    return new CelCborReader(in, LogFormat.CEL_CBOR_SEQ, limits);
  }

  /** Writes every record as it is. */
  public static EventWriter writer(OutputStream out) {
    return writer(out, CelOptions.LOSSLESS);
  }

  /** Writes records as {@code options} say. */
  public static EventWriter writer(OutputStream out, CelOptions options) {
    return new CelWriter(
        out,
        new CborEncoder(LogFormat.CEL_CBOR_SEQ, options),
        CelWriter.Frame.NONE,
        options.versionFirst());
  }
}
