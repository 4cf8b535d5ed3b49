package dev.cairn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.cli.client.Answer;
import dev.cairn.cli.client.EventStream;
import dev.cairn.cli.client.HttpClient;
import dev.cairn.cli.client.UnreachableException;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.RegisterId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Prints records as they are committed. When the service goes away it comes back to it, and goes on
 * after the last record that it printed.
 */
final class LogFollower {
  private static final int TRIES = 30;
  private static final byte[] NOTHING = new byte[0];

  private final Console console;
  private final HttpClient client;
  private final @Nullable RegisterId only;
  private final boolean json;
  private final long from;
  private String lastId = "";

  LogFollower(
      Console console, HttpClient client, @Nullable RegisterId only, boolean json, long from) {
    this.console = console;
    this.client = client;
    this.only = only;
    this.json = json;
    this.from = from;
  }

  /** Follows until the service is gone for half a minute, or standard output is closed. */
  void run() throws CommandException, IOException {
    int tries = 0;
    while (true) {
      String before = lastId;
      try {
        followOnce();
        tries = lastId.equals(before) ? tries + 1 : 0;
      } catch (UnreachableException e) {
        if (++tries == TRIES || lastId.isEmpty()) {
          throw e;
        }
      }
      if (tries == TRIES) {
        throw new CommandException(
            ExitStatus.UNAVAILABLE, client.endpoint() + ": ends the stream again and again");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.SECONDS.sleep(1);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the main thread", e);
    }
  }

  private void followOnce() throws CommandException, IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("accept", "text/event-stream");
    if (!lastId.isEmpty()) {
      headers.put("last-event-id", lastId);
    }
    try (Answer answer = client.get("/v1/log/stream?from=" + from, headers)) {
      if (!answer.successful()) {
        throw ServiceOptions.refusal(answer, null);
      }
      EventStream events = new EventStream(answer.body());
      for (Optional<EventStream.Event> event = events.next();
          event.isPresent();
          event = events.next()) {
        print(event.get().data());
        lastId = event.get().id();
      }
    }
  }

  private void print(String data) throws IOException {
    EventRecord record = parse(data);
    if (record != null && (only == null || record.register().equals(only))) {
      console.println(json ? data : RecordText.line(record));
      console.flush();
    }
  }

  private static @Nullable EventRecord parse(String data) throws IOException {
    byte[] sequence = ("\u001e" + data + "\n").getBytes(UTF_8);
    ReadOptions options = ReadOptions.DEFAULT.withFormat(LogFormat.CEL_JSON_SEQ);
    try (EventReader reader =
        EventLogs.open(new ByteArrayInputStream(data.isEmpty() ? NOTHING : sequence), options)) {
      return reader.next();
    }
  }
}
