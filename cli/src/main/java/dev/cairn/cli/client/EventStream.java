package dev.cairn.cli.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads server-sent events one by one.
 *
 * @see "HTML Living Standard, 9.2 Server-sent events"
 */
public final class EventStream {
  private static final int MAX_LINE_BYTES = 8 << 20;

  /**
   * One event.
   *
   * @param id to go on from; empty if it has none
   * @param data its text
   */
  public record Event(String id, String data) {}

  private final InputStream in;

  /** Makes one; {@code in} stays the caller's to close. */
  public EventStream(InputStream in) {
    this.in = in;
  }

  /** Waits for the next event; nothing at the end of the stream. An unfinished one is dropped. */
  public Optional<Event> next() throws IOException {
    String id = "";
    StringBuilder data = new StringBuilder();
    boolean hasData = false;
    for (String line = line(); line != null; line = line()) {
      if (line.isEmpty()) {
        if (hasData) {
          return Optional.of(new Event(id, data.toString()));
        }
      } else if (line.startsWith("id:")) {
        id = line.substring(3).strip();
      } else if (line.startsWith("data:")) {
        data.append(hasData ? "\n" : "").append(line.substring(5).strip());
        hasData = true;
      }
    }
    return Optional.empty();
  }

  private @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        return line.toString(UTF_8);
      }
      if (line.size() == MAX_LINE_BYTES) {
        throw new IOException("an event of more than " + MAX_LINE_BYTES + " bytes");
      }
      line.write(b);
    }
    return null;
  }
}
