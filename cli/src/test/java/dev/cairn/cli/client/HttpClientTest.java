package dev.cairn.cli.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;

  private static HttpClient to(CannedService service) throws IOException {
    return new HttpClient(Endpoint.parse(service.url()), PATIENCE);
  }

  private static String lines(String text) {
    return text.replace("|", "\r\n");
  }

  private static byte[] read(CannedService service) throws IOException {
    try (Answer answer = to(service).get("/", Map.of())) {
      return answer.body().readAllBytes();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 200 OK|content-length: 5||hello, hello",
    "HTTP/1.1 200 OK|Content-Length:5||hello and more, hello",
    "HTTP/1.1 200 OK||hello, hello",
    "HTTP/1.1 200|content-length: 0||, ''",
    "HTTP/1.1 304 Not Modified|content-length: 7||, ''",
    "HTTP/1.1 100 Continue||HTTP/1.1 200 OK|content-length: 2||ok, ok",
    "HTTP/1.1 200 OK|transfer-encoding: chunked||2|he|3;x=y|llo|0||, hello",
    "HTTP/1.1 200 OK|transfer-encoding: chunked||5|hello|0|trailer: x||, hello"
  })
  void whenAnAnswerComes_thenItsBodyEndsWhereItSays(String answer, String body) throws Exception {
    try (CannedService service = CannedService.onTcp(lines(answer))) {
      assertThat(new String(read(service), UTF_8)).isEqualTo(body);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK|content-length: 6||hello",
        "HTTP/1.1 200 OK|transfer-encoding: chunked||5|hel",
        "HTTP/1.1 200 OK|transfer-encoding: chunked||5|hello|",
        "HTTP/1.1 200 OK|content-le",
        ""
      })
  void whenAnAnswerBreaksOff_thenThatIsAnErrorAndNotAnEnd(String answer) throws Exception {
    try (CannedService service = CannedService.onTcp(lines(answer))) {
      assertThatThrownBy(() -> read(service)).isInstanceOf(EOFException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH|",
        "HTTP/2 200 OK||",
        "HTTP/1.1 200 OK|no colon here||",
        "HTTP/1.1 200 OK|content-length: -1||",
        "HTTP/1.1 200 OK|transfer-encoding: chunked||zz|"
      })
  void whenTheAnswerIsNotHttp_thenItIsRefused(String answer) throws Exception {
    try (CannedService service = CannedService.onTcp(lines(answer))) {
      assertThatThrownBy(() -> read(service))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(EOFException.class);
    }
  }

  @Test
  void whenPosting_thenHeadersAndBodyArrive() throws Exception {
    String created = lines("HTTP/1.1 201 Created|x-y: z|content-length: 0||");
    try (CannedService service = CannedService.onUnix(folder.resolve("s.sock"), created);
        Answer answer =
            to(service).post("/v1/x", Map.of("idempotency-key", "k1"), "{}".getBytes(UTF_8))) {
      assertThat(service.request())
          .startsWith("POST /v1/x HTTP/1.1\r\nhost: localhost\r\n")
          .contains("idempotency-key: k1\r\n", "content-length: 2\r\n")
          .endsWith("\r\n\r\n{}");
      assertThat(answer.status()).isEqualTo(201);
      assertThat(answer.header("X-Y")).hasValue("z");
    }
  }

  @Test
  void whenTheServiceIsSilent_thenTheTimeoutEndsTheWait() throws Exception {
    try (CannedService service = CannedService.silentOnUnix(folder.resolve("s.sock"))) {
      HttpClient client = new HttpClient(Endpoint.parse(service.url()), Duration.ofMillis(50));

      assertThatThrownBy(() -> client.get("/", Map.of()).close())
          .isInstanceOf(UnreachableException.class)
          .hasMessageContaining("no answer");
    }
  }

  @Test
  void whenNobodyListens_thenTheErrorNamesThePlace() {
    HttpClient client =
        new HttpClient(Endpoint.parse("unix:" + folder.resolve("none.sock")), PATIENCE);

    assertThatThrownBy(() -> client.get("/", Map.of()).close())
        .isInstanceOf(UnreachableException.class)
        .hasMessageContaining("none.sock");
  }

  @Test
  void whenAHeaderValueWouldEndTheHeader_thenNothingIsSent() throws Exception {
    try (CannedService service = CannedService.onTcp("")) {
      assertThatThrownBy(() -> to(service).get("/", Map.of("idempotency-key", "a\r\nx: y")).close())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("idempotency-key");
    }
  }
}
