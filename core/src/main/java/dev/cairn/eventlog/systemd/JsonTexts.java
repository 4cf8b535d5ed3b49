package dev.cairn.eventlog.systemd;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a log into its JSON texts: at the separators of RFC 7464, or at line feeds where the log
 * does not begin with one. Memory: one text.
 */
final class JsonTexts implements Closeable {
  private static final byte RECORD_SEPARATOR = 0x1E;
  private static final byte LINE_FEED = 0x0A;
  private static final int BUFFER = 1 << 13;

  private final InputStream in;
  private final int maxBytes;
  private byte[] buffer = new byte[BUFFER];
  private int start; // of the text, its separator first
  private int length;
  private int end; // of what has been read
  private long offset; // of buffer[start] in the log
  private boolean separated;
  private boolean begun;

  /** Takes over {@code in}; a text of more than {@code maxBytes} is refused. */
  JsonTexts(InputStream in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
  }

  /** Goes to the next text that is not empty; false at the end of the log. */
  boolean next() throws IOException {
    while (true) {
      start += length;
      offset += length;
      length = 0;
      if (start == end && !fill()) {
        return false;
      }
      if (!begun) {
        begun = true;
        separated = buffer[start] == RECORD_SEPARATOR;
      }
      length = separated ? separatedLength() : lineLength();
      if (length > 1) {
        return true;
      }
    }
  }

  private int separatedLength() throws IOException {
    if (buffer[start] != RECORD_SEPARATOR) {
      throw malformed("byte 0x%02X where 0x1E has to be".formatted(buffer[start] & 0xFF));
    }
    return 1 + lengthUpTo(RECORD_SEPARATOR, 1);
  }

  private int lineLength() throws IOException {
    int text = lengthUpTo(LINE_FEED, 0);
    return start + text < end ? text + 1 : text;
  }

  /** Returns how many bytes from {@code start + from} on come before {@code mark} or the end. */
  private int lengthUpTo(byte mark, int from) throws IOException {
    int count = from;
    while (true) {
      while (start + count < end && buffer[start + count] != mark) {
        count++;
      }
      if (count > maxBytes) {
        throw malformed("record: at most %d bytes".formatted(maxBytes));
      }
      if (start + count < end || !fill()) {
        return count - from;
      }
    }
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

  private MalformedLogException malformed(String reason) {
    return new MalformedLogException(LogFormat.SYSTEMD, offset, reason);
  }

  /** Returns whether the text ends with its line feed: it was written to its end. */
  boolean isWhole() {
    return buffer[start + length - 1] == LINE_FEED;
  }

  /** Returns what holds the text until the next one is gone to. */
  byte[] array() {
    return buffer;
  }

  /** Returns where in {@link #array()} the JSON begins. */
  int from() {
    return separated ? start + 1 : start;
  }

  /** Returns how many bytes the JSON has. */
  int count() {
    return separated ? length - 1 : length;
  }

  /** Returns where the text begins in the log, its separator included. */
  long offset() {
    return offset;
  }

  /** Returns where in the log the JSON begins. */
  long jsonOffset() {
    return separated ? offset + 1 : offset;
  }

  /** Returns the offset behind the text. */
  long endOffset() {
    return offset + length;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
