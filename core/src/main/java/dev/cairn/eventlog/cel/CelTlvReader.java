package dev.cairn.eventlog.cel;

import static dev.cairn.eventlog.cel.CelTlvLayout.HEAD;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Brings one record after the other whole into its buffer, and has it decoded there. */
final class CelTlvReader extends CelReader {
  private static final int BUFFER = 1 << 13;

  private final @Nullable InputStream in; // null: all there is lies in the buffer
  private final CelTlvDecoder decoder;
  private byte[] buffer;
  private int start; // of the record, in the buffer
  private int end; // of what has been read, in the buffer
  private long offset; // of the record, in the log

  CelTlvReader(InputStream in, Limits limits) {
    super(LogFormat.CEL_TLV);
    this.in = in;
    this.decoder = new CelTlvDecoder(limits);
    this.buffer = new byte[BUFFER];
  }

  /** Reads a part of {@code array}, which is never written to. */
  CelTlvReader(byte[] array, int from, int length, Limits limits) {
    super(LogFormat.CEL_TLV);
    this.in = null;
    this.decoder = new CelTlvDecoder(limits);
    this.buffer = array;
    this.start = from;
    this.end = from + length;
  }

  @Override
  @Nullable EventRecord read() throws IOException {
    if (!has(1)) {
      return null;
    }
    int length = frame();
    EventRecord record = decoder.decode(buffer, start, offset);
    found(offset, offset + length);
    start += length;
    offset += length;
    return record;
  }

  /** Returns how long the record is, whose four TLVs are all in the buffer then. */
  private int frame() throws IOException {
    int at = 0;
    for (int part = 0; part < CelTlvDecoder.PARTS; part++) {
      if (!has(at + HEAD)) {
        throw truncated(at, "%s: a TLV head needs %d bytes".formatted(name(part), HEAD), at);
      }
      int length = decoder.lengthOf(part, buffer, start + at, offset + at);
      if (!has(at + HEAD + length)) {
        throw truncated(
            at, "%s: its value needs %d bytes".formatted(name(part), length), at + HEAD);
      }
      at += HEAD + length;
    }
    return at;
  }

  private static String name(int part) {
    return CelTlvDecoder.NAMES.get(part);
  }

  private MalformedLogException truncated(int at, String needs, int from) {
    return new MalformedLogException(
        LogFormat.CEL_TLV,
        offset + at,
        "%s, the log ends after %d".formatted(needs, end - start - from));
  }

  /** Makes {@code count} bytes of the record available, if the log has them. */
  private boolean has(int count) throws IOException {
    while (end - start < count) {
      if (in == null || !fill(in)) {
        return false;
      }
    }
    return true;
  }

  /** Grows by what has arrived, never by what a length claims. */
  private boolean fill(InputStream source) throws IOException {
    if (end == buffer.length) {
      if (start > 0) {
        System.arraycopy(buffer, start, buffer, 0, end - start);
        end -= start;
        start = 0;
      } else {
        buffer = Arrays.copyOf(buffer, Math.multiplyExact(buffer.length, 2));
      }
    }
    int count = source.read(buffer, end, buffer.length - end);
    if (count <= 0) {
      return false;
    }
    end += count;
    return true;
  }

  @Override
  public void close() throws IOException {
    if (in != null) {
      in.close();
    }
  }
}
