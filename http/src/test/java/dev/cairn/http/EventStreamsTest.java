package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventStreamsTest {
  private static final HttpLimits LIMITS =
      new HttpLimits(
          1 << 20,
          8 << 20,
          8192,
          4096,
          64,
          4,
          4,
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          Duration.ofMillis(100));

  private RunningServer server;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    server = RunningServer.in(directory).limits(LIMITS).start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private RawClient follow(String query, String header) throws Exception {
    return RawClient.to(server.port)
        .send("GET /v1/log/stream" + query + " HTTP/1.1\r\nhost: x\r\n" + header + "\r\n");
  }

  @Test
  void whoFollowsSeesWhatWasAndWhatComesOnceAndInOrder() throws Exception {
    server.extend("rtmr2", 300); // more than one piece
    try (RawClient follower = follow("?from=0", "")) {
      follower.until("id: 299\n");
      server.extend("rtmr3", 2);
      String seen = follower.until("id: 301\n");

      for (int i = 0; i < 302; i++) {
        assertThat(seen.split("id: " + i + "\n", -1)).as("event %d", i).hasSize(2);
      }
      assertThat(seen).contains("id: 300\ndata: {\"recnum\":0,");
    }
  }

  @Test
  void withoutAStartItBeginsWithWhatComes() throws Exception {
    server.extend("rtmr2", 3);
    try (RawClient follower = follow("", "")) {
      follower.until(": 0");
      server.extend("rtmr2", 1);

      assertThat(follower.until("id: 3\n")).doesNotContain("id: 2\n");
    }
  }

  @Test
  void whoComesBackGoesOnBehindTheLastEvent() throws Exception {
    server.extend("rtmr2", 3);
    try (RawClient follower = follow("?from=0", "last-event-id: 1\r\n")) {
      assertThat(follower.until("id: 2\n")).doesNotContain("id: 1\n").doesNotContain("id: 0\n");
    }
  }

  @Test
  void aQuietStreamBeats() throws Exception {
    try (RawClient follower = follow("", "")) {
      assertThat(follower.until(": \n\n")).contains("text/event-stream");
    }
  }

  @Test
  void whoDoesNotReadIsDroppedAndNobodyElseIsHeldUp() throws Exception {
    String event = "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"%s\"}";
    try (RawClient deaf = follow("", "");
        RawClient other = follow("", "")) {
      deaf.until(": 0");
      other.until(": 0");
      for (int i = 0; i < 24; i++) {
        server.post("/v1/registers/rtmr2/events", event.formatted("x".repeat(500_000)));
        other.until("id: " + i + "\n");
      }

      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> server.get("/metrics").body().contains("streams_dropped_total 1\n"));
    }
  }
}
