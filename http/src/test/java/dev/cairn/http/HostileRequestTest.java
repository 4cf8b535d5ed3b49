package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clear 4xx or a closed connection, and the service unharmed. */
class HostileRequestTest {
  private static final int CONNECTIONS = 20;
  private static final Duration SOON = Duration.ofSeconds(20);

  private static final HttpLimits LIMITS =
      new HttpLimits(
          100_000,
          250_000,
          8192,
          4096,
          CONNECTIONS,
          4,
          4,
          Duration.ofMillis(400),
          Duration.ofMillis(600),
          Duration.ofMillis(200));

  private RunningServer server;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    server = RunningServer.in(directory).limits(LIMITS).start();
  }

  @AfterEach
  void stop() throws Exception {
    try (RunningServer running = server) {
      running.extend("rtmr2", 1); // unharmed
    }
  }

  private RawClient raw() throws IOException {
    return RawClient.to(server.port);
  }

  @Test
  void whenTheBodyIsTenMebibytes_thenItIsRefusedBeforeItIsRead() throws Exception {
    try (RawClient raw = raw()) {
      raw.send("POST /v1/registers/rtmr2/events HTTP/1.1\r\nhost: x\r\n");
      raw.send("content-type: application/json\r\ncontent-length: 10485760\r\n\r\n");

      assertThat(raw.untilClosed()).contains("HTTP/1.1 413", "connection: close", "body-too-large");
    }
  }

  @Test
  void whenTheBodyHasNoLengthAndDoesNotEnd_thenItIsRefusedAtTheLimit() throws Exception {
    try (RawClient raw = raw()) {
      raw.send("POST /v1/registers/rtmr2/events HTTP/1.1\r\nhost: x\r\n");
      raw.send("content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n");
      String chunk = "3e8\r\n" + "x".repeat(1000) + "\r\n";
      for (int i = 0; i < 101; i++) {
        raw.send(chunk);
      }

      assertThat(raw.until("}")).contains("HTTP/1.1 413");
    }
  }

  @Test
  void whenManyBodiesComeAtOnce_thenTheirSumIsBounded() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    String half = RawClient.post("x".repeat(99_000)).substring(0, 90_000);
    for (int i = 0; i < 4; i++) {
      clients.add(raw().send(half));
    }
    String answers = "";
    for (RawClient client : clients) {
      answers += client.untilClosed();
      client.close();
    }

    assertThat(answers).contains("too-many-bodies").contains("HTTP/1.1 408");
  }

  @Test
  void whenTheClientAsksWhetherToGoOn_thenItIsTold() throws Exception {
    try (RawClient raw = raw()) {
      String request = RawClient.post(RunningServer.EVENT, "expect: 100-continue");
      int head = request.indexOf("\r\n\r\n") + 4;
      raw.send(request.substring(0, head)).until("HTTP/1.1 100");

      assertThat(raw.send(request.substring(head)).until("repeated")).contains("HTTP/1.1 201");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9\r\nhost: x\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1, 2\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: x\r\nbad header: y\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      })
  void whenItIsNotHttp_thenItIsNotAnsweredWell(String bytes) throws Exception {
    try (RawClient raw = raw()) {
      assertThat(raw.send(bytes).untilClosed()).doesNotContain(" 200 ").doesNotContain(" 201 ");
    }
  }

  @Test
  void whenTheLineOrTheHeadersAreTooLong_thenItIsSaid() throws Exception {
    try (RawClient raw = raw()) {
      String answer = raw.send("GET /" + "a".repeat(5000) + " HTTP/1.1\r\n\r\n").untilClosed();
      assertThat(answer).contains(" 414 ", "request-line-too-long", "application/problem+json");
    }
    try (RawClient raw = raw()) {
      String header = "x: " + "a".repeat(9000) + "\r\n";
      String answer = raw.send("GET / HTTP/1.1\r\n" + header + "\r\n").untilClosed();
      assertThat(answer).contains(" 431 ", "headers-too-large", "application/problem+json");
    }
  }

  @Test
  void whenABodyComesByteByByte_thenItIsNotWaitedFor() throws Exception {
    try (RawClient raw = raw()) {
      drip(raw, RawClient.post(RunningServer.EVENT));

      assertThat(raw.untilClosed()).contains(" 408 ", "request-timeout");
    }
  }

  @Test
  void whenAHeadComesByteByByte_thenTheConnectionIsClosed() throws Exception {
    try (RawClient raw = raw()) {
      drip(raw, "GET /livez HTTP/1.1\r\nx: " + "a".repeat(1000));

      assertThat(raw.untilClosed()).isEmpty();
    }
  }

  /** Sends the beginning at once and then a byte now and then, until the server has enough. */
  private static void drip(RawClient raw, String text) throws IOException {
    int head = Math.max(0, text.indexOf("\r\n\r\n")) + 4;
    raw.send(text.substring(0, head));
    int[] next = {head};
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              try {
                raw.send(text.substring(next[0], next[0] + 1));
              } catch (IOException closed) {
                return true;
              }
              next[0]++;
              return next[0] == text.length() || next[0] - head > 30;
            });
  }

  @Test
  void whenNothingIsSent_thenTheConnectionIsClosed() throws Exception {
    try (RawClient raw = raw()) {
      assertThat(raw.untilClosed()).isEmpty();
    }
  }

  @Test
  void whenThereAreTooManyConnections_thenTheNextIsToldAndClosed() throws Exception {
    List<RawClient> open = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS + 1; i++) {
      open.add(raw());
    }
    RawClient last = open.get(CONNECTIONS);

    assertThat(last.send("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").untilClosed())
        .contains(" 503 ", "too-many-connections", "retry-after: 1");
    for (RawClient client : open) {
      client.close();
    }
    await().atMost(SOON).until(() -> answers());
  }

  private boolean answers() throws IOException {
    try (RawClient raw = raw()) {
      return raw.send("GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
          .untilClosed()
          .contains(" 200 ");
    }
  }

  @Test
  void whenRequestsArePipelined_thenTheyAreAnsweredInOrder() throws Exception {
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      requests.append(RawClient.post(RunningServer.EVENT));
    }
    try (RawClient raw = raw()) {
      String answers = raw.send(requests.toString()).until("\"recnum\":49,");

      for (int i = 1; i < 50; i++) {
        assertThat(answers.indexOf("\"recnum\":" + i + ","))
            .isGreaterThan(answers.indexOf("\"recnum\":" + (i - 1) + ","));
      }
    }
  }

  @Test
  void whenClientsGoBeforeTheAnswer_thenTheirEventsAreMeasuredAllTheSame() throws Exception {
    for (int i = 0; i < 10; i++) {
      try (RawClient raw = raw()) {
        raw.send(RawClient.post(RunningServer.EVENT));
      }
    }

    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(server.log.status().committedPosition()).isEqualTo(10));
  }
}
