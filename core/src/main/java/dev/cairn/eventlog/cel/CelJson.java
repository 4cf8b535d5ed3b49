package dev.cairn.eventlog.cel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

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

  /**
   * Parses the content of a record, for formats that put contents of CEL-JSON into records of their
   * own.
   *
   * @param format the one to name in an exception
   * @param contentType as in {@code content_type}
   * @param text one JSON value
   * @throws MalformedLogException if a content of this type has another form; its offset counts in
   *     {@code text}
   */
  public static EventContent content(
      LogFormat format, String contentType, Bytes text, Limits limits)
      throws MalformedLogException {
    JsonFactory factory = JsonText.reading(limits, 0);
    try (JsonParser parser = factory.createParser(text.toArray())) {
      JsonSource source = new JsonSource(format, parser, 0);
      try {
        parser.nextToken();
        return new JsonContents(factory, limits.maxContentBytes()).read(contentType, source);
      } catch (JsonProcessingException e) {
        throw source.malformed(e);
      }
    } catch (MalformedLogException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array does not fail
    }
  }
}
