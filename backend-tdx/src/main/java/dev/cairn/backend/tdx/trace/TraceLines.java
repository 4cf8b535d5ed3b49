package dev.cairn.backend.tdx.trace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The lines of a trace that can be parsed; others, and longer ones, are passed over. */
final class TraceLines implements Closeable {
  private final InputStream in;
  private final byte[] line = new byte[TraceLine.LONGEST];

  /** Makes one of {@code trace}, which becomes its own. */
  TraceLines(InputStream trace) {
    this.in = new BufferedInputStream(trace);
  }

  /** Returns the next one, or null at the end. */
  @Nullable TraceLine next() throws IOException {
    int length = 0;
    int next = in.read();
    while (next >= 0) {
      if (next == '\n') {
        TraceLine parsed = parse(length);
        if (parsed != null) {
          return parsed;
        }
        length = 0;
      } else {
        if (length < line.length) {
          line[length] = (byte) next;
        }
        length++;
      }
      next = in.read();
    }
    return parse(length);
  }

  private @Nullable TraceLine parse(int length) {
    return length > line.length ? null : TraceLine.parse(new String(line, 0, length, ISO_8859_1));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
