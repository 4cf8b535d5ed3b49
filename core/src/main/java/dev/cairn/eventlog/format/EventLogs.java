package dev.cairn.eventlog.format;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.cel.CelCbor;
import dev.cairn.eventlog.cel.CelCborSeq;
import dev.cairn.eventlog.cel.CelJson;
import dev.cairn.eventlog.cel.CelJsonSeq;
import dev.cairn.eventlog.cel.CelTlv;
import dev.cairn.eventlog.ima.ImaBinary;
import dev.cairn.eventlog.systemd.SystemdLog;
import dev.cairn.eventlog.tcg.Tcg2;
import dev.cairn.measure.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Opens logs of every format that Cairn reads or writes, whatever package it is in.
 *
 * <p>A format is recognised by its first 64 KiB; no bytes at all are a {@link LogFormat#CEL_TLV}
 * log without records. {@code docs/formats.md} has the order in which formats are tried.
 */
public final class EventLogs {
  /** How many bytes {@link #detect} looks at, at most. */
  public static final int DETECTION_BYTES = 1 << 16;

  private static final int SHOWN_BYTES = 16;

  private EventLogs() {}

  /** Opens a log about which nothing is known, with {@link Limits#DEFAULT}. */
  public static EventReader open(InputStream in) throws IOException {
    return open(in, ReadOptions.DEFAULT);
  }

  /**
   * Opens a log. Unless its format is named, waits for 64 KiB or the end. The reader closes {@code
   * in}.
   *
   * @throws UnsupportedLogFormatException if the format is not recognised, or is not read
   * @throws IOException if {@code in} cannot be read
   */
  public static EventReader open(InputStream in, ReadOptions options) throws IOException {
    if (options.format() != null) {
      return reader(options.format(), in, options);
    }
    Bytes head = Bytes.owning(in.readNBytes(DETECTION_BYTES));
    Optional<LogFormat> format = detect(head);
    if (format.isEmpty()) {
      throw UnsupportedLogFormatException.unknown(begin(head));
    }
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head.toArray()), in);
    return reader(format.get(), whole, options);
  }

  /**
   * Returns the format of the log that begins with {@code head}, read by Cairn or not; nothing if
   * none is recognised.
   *
   * @param head the first {@link #DETECTION_BYTES}, or all if there are fewer
   */
  public static Optional<LogFormat> detect(Bytes head) {
    return FormatFinder.find(head);
  }

  private static EventReader reader(LogFormat format, InputStream in, ReadOptions options)
      throws UnsupportedLogFormatException {
    Limits limits = options.limits();
    return switch (format) {
      case CEL_TLV -> CelTlv.reader(in, limits);
      case CEL_JSON -> CelJson.reader(in, limits);
      case CEL_JSON_SEQ -> CelJsonSeq.reader(in, limits);
      case CEL_CBOR -> CelCbor.reader(in, limits);
      case CEL_CBOR_SEQ -> CelCborSeq.reader(in, limits);
      case TCG2 -> Tcg2.reader(in, limits, options.kind());
      case IMA -> ImaBinary.reader(in, limits, options.bank());
      case SYSTEMD -> SystemdLog.reader(in, limits);
      default -> throw UnsupportedLogFormatException.notRead(format);
    };
  }

  /**
   * Begins a log. {@code out} stays the caller's to close.
   *
   * @throws UnsupportedLogFormatException if the format is not written
   * @throws IOException if {@link LogFormat#CEL_CBOR} needs a temporary file and gets none
   */
  public static EventWriter writer(LogFormat format, OutputStream out, WriteOptions options)
      throws IOException {
    return switch (format) {
      case CEL_TLV -> CelTlv.writer(out);
      case CEL_JSON -> CelJson.writer(out, options.cel());
      case CEL_JSON_SEQ -> CelJsonSeq.writer(out, options.cel());
      case CEL_CBOR ->
          options.records() == WriteOptions.UNCOUNTED
              ? new SpooledCborArray(out, options.cel())
              : CelCbor.writer(out, options.records(), options.cel());
      case CEL_CBOR_SEQ -> CelCborSeq.writer(out, options.cel());
      case TCG2 -> Tcg2.writer(out, options.tcg2());
      default -> throw UnsupportedLogFormatException.notWritten(format);
    };
  }

  /** Begins a log with {@link WriteOptions#DEFAULT}. */
  public static EventWriter writer(LogFormat format, OutputStream out) throws IOException {
    return writer(format, out, WriteOptions.DEFAULT);
  }

  private static String begin(Bytes head) {
    byte[] shown = head.slice(0, Math.min(head.length(), SHOWN_BYTES)).toArray();
    return HexFormat.ofDelimiter(" ").formatHex(shown);
  }
}
