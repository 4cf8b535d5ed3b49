package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * CEL-JSON: one array of records.
 *
 * <pre>
 * [{"recnum":0,"pcr":16,"digests":[{"hashAlg":"sha256","digest":"46df…"}],
 *   "content_type":"pcclient_std","content":{"event_type":"EV_EVENT_TAG","event_data":"4c45…"}},…]
 * </pre>
 *
 * <p>Written without white space, keys in this order, hexadecimal digits and algorithms in lower
 * case, event types by their name or else their number. Read strictly: UTF-8, every key once and
 * none unknown, exactly one of {@code pcr}, {@code nv_index} and {@code ccmr}, nothing after the
 * array. Keys may come in any order, and algorithms and event types in any case. Content that has
 * no model is kept as the text of its value, in the shortest form.
 *
 * @see "TCG CEL 1.1, 5.2; RFC 8259"
 */
public final class CelJson {
  private CelJson() {}

  /** Reads records until the end of the array; memory is bounded by one record. */
  public static EventReader reader(InputStream in, Limits limits) {
    return new CelJsonReader(in, limits);
  }

  /** Writes every record as it is. */
  public static EventWriter writer(OutputStream out) {
    return writer(out, CelOptions.LOSSLESS);
  }

  /** Writes records as {@code options} say. */
  public static EventWriter writer(OutputStream out, CelOptions options) {
    return new CelWriter(
        out,
        new JsonEncoder(LogFormat.CEL_JSON, options.registers()),
        CelWriter.Frame.JSON_ARRAY,
        options.versionFirst());
  }
}
