package dev.cairn.eventlog.cel;

import static dev.cairn.eventlog.cel.CelJsonSeq.LINE_FEED;
import static dev.cairn.eventlog.cel.CelJsonSeq.RECORD_SEPARATOR;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the log at the separators, which no JSON text can hold, and parses one text after the other.
 */
final class CelJsonSeqReader extends CelReader {
  private static final int BUFFER = 1 << 13;

  /** What a record has beside its content: digests above all. */
  private static final int REST = 1 << 14;

  private final InputStream in;
  private final JsonFactory factory;
  private final JsonDecoder decoder;
  private final int maxText;
  private byte[] buffer = new byte[BUFFER];
  private int start; // of the text, its separator first
  private int end; // of what has been read
  private long offset; // of buffer[start] in the log

  CelJsonSeqReader(InputStream in, Limits limits) {
    super(LogFormat.CEL_JSON_SEQ);
    this.in = in;
    this.factory = JsonText.reading(limits, 1);
    this.decoder = new JsonDecoder(factory, limits);
    this.maxText = (int) Math.min(Integer.MAX_VALUE / 2, textLimit(limits));
  }

  private static long textLimit(Limits limits) {
    return 2L * limits.maxContentBytes() + 2L * 200 * limits.maxDigests() + REST;
  }

  @Override
  @Nullable EventRecord read() throws IOException {
    while (end > start || fill()) {
      if (buffer[start] != RECORD_SEPARATOR) {
        throw malformed(offset, "byte 0x%02X where 0x1E has to be".formatted(buffer[start] & 0xFF));
      }
      int length = textLength();
      if (length > 1) {
        EventRecord record = parse(length);
        found(offset, offset + length);
        skip(length);
        return record;
      }
      skip(length); // separators in a row are no text
    }
    return null;
  }

  /** Returns how long the text at {@code start} is, its separator included. */
  private int textLength() throws IOException {
    int length = 1;
    while (true) {
      while (start + length < end && buffer[start + length] != RECORD_SEPARATOR) {
        length++;
      }
      if (length > maxText) {
        throw malformed(offset, "record: at most %d bytes".formatted(maxText));
      }
      if (start + length < end || !fill()) {
        return length;
      }
    }
  }

  private EventRecord parse(int length) throws IOException {
    if (buffer[start + length - 1] != LINE_FEED) {
      throw malformed(offset, "record without a line feed at its end: it was cut");
    }
    int invalid = new Utf8().firstInvalid(buffer, start + 1, start + length);
    if (invalid >= 0) {
      throw malformed(offset + invalid - start, "text: needs UTF-8");
    }
    try (JsonParser parser = factory.createParser(buffer, start + 1, length - 1)) {
      JsonSource source = new JsonSource(LogFormat.CEL_JSON_SEQ, parser, offset + 1);
      try {
        parser.nextToken();
        EventRecord record = decoder.decode(source);
        if (parser.nextToken() != null) {
          throw source.malformed("nothing may follow the record but a line feed");
        }
        return record;
      } catch (JsonProcessingException e) {
        throw source.malformed(e);
      }
    }
  }

  private void skip(int length) {
    start += length;
    offset += length;
  }

  /** Grows by what has arrived. */
  private boolean fill() throws IOException {
    if (end == buffer.length) {
      if (start > 0) {
        System.arraycopy(buffer, start, buffer, 0, end - start);
        end -= start;
        start = 0;
      } else {
        buffer = Arrays.copyOf(buffer, Math.multiplyExact(buffer.length, 2));
      }
    }
    int count = in.read(buffer, end, buffer.length - end);
    if (count <= 0) {
      return false;
    }
    end += count;
    return true;
  }

  private static MalformedLogException malformed(long at, String reason) {
    return new MalformedLogException(LogFormat.CEL_JSON_SEQ, at, reason);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
