package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads the records of an array, or those that follow each other to the end of a sequence. */
final class CelCborReader extends CelReader {
  private static final long UNKNOWN = -1;

  private final InputStream in;
  private final CborInput input;
  private final CborDecoder decoder;
  private final int maxRecord;
  private long left = UNKNOWN; // records of the array

  CelCborReader(InputStream in, LogFormat format, Limits limits) {
    super(format);
    this.in = in;
    this.input = new CborInput(in, format);
    this.decoder = new CborDecoder(format, limits);
    this.maxRecord = CborDecoder.maxRecord(limits);
  }

  @Override
  @Nullable EventRecord read() throws IOException {
    if (isEnd()) {
      return null;
    }
    long offset = input.offset();
    EventRecord record = decoder.decode(input.item(maxRecord, 0), offset);
    found(offset, input.offset());
    left--;
    return record;
  }

  private boolean isEnd() throws IOException {
    if (format() == LogFormat.CEL_CBOR_SEQ) {
      return input.atEnd();
    }
    if (left == UNKNOWN) {
      left = input.arrayHead();
    }
    if (left > 0) {
      return false;
    }
    if (!input.atEnd()) {
      throw new MalformedLogException(format(), input.offset(), "nothing may follow the array");
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
