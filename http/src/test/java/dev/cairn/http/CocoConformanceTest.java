package dev.cairn.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.coco.AaelText;
import dev.cairn.coco.CocoPlatform;
import dev.cairn.coco.LogHeader;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.measure.Bytes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every row of what the agent's HTTP front answers: status, content type and body, byte for byte.
 *
 * @see "confidential-containers/guest-components, api-server-rest/src/{router,client/aa}.rs"
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CocoConformanceTest {
  private static final String EVENT =
      "{\"domain\":\"domain\",\"operation\":\"operation\",\"content\":\"content\"}";

  @TempDir static Path directory;
  private RunningServer server;

  @BeforeAll
  void start() throws Exception {
    server = start("main", settings(CocoPlatform.SAMPLE_TDX, false, true, Optional.empty()));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private static RunningServer start(String name, CocoSettings settings) throws Exception {
    return RunningServer.in(Files.createDirectory(directory.resolve(name)))
        .profile(
            settings.platform().equals(CocoPlatform.SAMPLE)
                ? EmulatorProfile.SAMPLE
                : EmulatorProfile.TDX)
        .coco(settings)
        .start();
  }

  private static CocoSettings settings(
      CocoPlatform platform, boolean strict, boolean events, Optional<String> upstream) {
    return new CocoSettings(
        platform,
        events,
        platform.defaultPcr(),
        AaelText.STRICT,
        strict,
        LogHeader.UPSTREAM,
        directory,
        Set.of("once boot"),
        Optional.empty(),
        upstream,
        Optional.empty());
  }

  /** What came back. */
  private record Answer(int status, @Nullable String contentType, String body) {
    static Answer of(String raw) {
      int end = raw.indexOf("\r\n\r\n");
      String type = null;
      for (String line : raw.substring(0, end).split("\r\n", -1)) {
        if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-type:")) {
          type = line.substring(line.indexOf(':') + 1).strip();
        }
      }
      return new Answer(Integer.parseInt(raw.substring(9, 12)), type, raw.substring(end + 4));
    }
  }

  private Answer ask(String method, String target, String body) throws Exception {
    return ask(server, method, target, body);
  }

  private static Answer ask(RunningServer server, String method, String target, String body)
      throws Exception {
    try (RawClient raw = RawClient.to(server.port)) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      raw.send(
          "%s %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
              .formatted(method, target, bytes.length));
      raw.send(bytes);
      return Answer.of(raw.untilClosed());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "POST   | /info                                             | 405 | - | Method Not Allowed",
        "HEAD   | /info                                             | 405 | - | ''",
        "GET    | /aa/evidence                                      | 400 | - | BAD REQUEST",
        "GET    | /aa/evidence?other=1                              | 400 | - | BAD REQUEST",
        "GET    | /aa/evidence?runtime_data=AA==&encoding=base64    | 400 | - | BAD REQUEST",
        "GET    | /aa/evidence?runtime_data=a+b/&encoding=base64    | 400 | - | BAD REQUEST",
        "GET    | /aa/evidence?runtime_data=AB&encoding=base64      | 400 | - | BAD REQUEST",
        "GET    | /aa/evidence?runtime_data=x&encoding=hex          | 400 | - | BAD REQUEST",
        "GET    | /aa/additional-evidence                           | 400 | - | BAD REQUEST",
        "GET    | /aa/additional-evidence?runtime_data=x | 200 | application/octet-stream | ''",
        "GET    | /aa/token                                         | 400 | - | BAD REQUEST",
        "GET    | /aa/token?token_type=kbs                          | 500 | - | ttrpc request error",
        "GET    | /aa/token?token_type=other                        | 500 | - | ttrpc request error",
        "GET    | /aa/aael                                          | 404 | - | URL NOT FOUND",
        "PUT    | /aa/aael                                          | 404 | - | URL NOT FOUND",
        "POST   | /aa/aael/                                         | 404 | - | URL NOT FOUND",
        "POST   | /aa/evidence                                      | 404 | - | URL NOT FOUND",
        "GET    | /aa/evidence/                                     | 404 | - | URL NOT FOUND",
        "GET    | /aa/                                              | 404 | - | URL NOT FOUND",
        "GET    | /aa/unknown                                       | 404 | - | URL NOT FOUND",
        "GET    | /cdh/resource/a/b/c              | 404 | - | Resource Feature Not Enabled",
      })
  void givenARequestOfTheTable_whenSent_thenTheAnswerIsTheAgents(
      String method, String target, int status, @Nullable String contentType, String body)
      throws Exception {
    assertThat(ask(method, target, "")).isEqualTo(new Answer(status, contentType, body));
  }

  @Test
  void givenInfo_whenAsked_thenItNamesTheTee() throws Exception {
    assertThat(ask("GET", "/info", ""))
        .isEqualTo(
            new Answer(
                200,
                "application/json",
                "{\"version\":\"Guest Components Version: cairn-test\",\"tee\":\"sample\",\"feature\":\"attestation\"}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        EVENT,
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"\"}",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"two words ünï\",\"more\":[1,{}]}",
        "[\"d\",\"o\",\"c\"]",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\",\"register_index\":8}",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\",\"register_index\":18446744073709551615}",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\",\"register_index\":null}",
        "  {\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\"}\n"
      })
  void givenAnEvent_whenPosted_thenSuccessIsAText(String body) throws Exception {
    assertThat(ask("POST", "/aa/aael", body))
        .isEqualTo(new Answer(200, "application/json", "{\"success\":\"true\"}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no json",
        "{}",
        "\"text\"",
        "{\"domain\":\"d\",\"operation\":\"o\"}",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":1}",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":null}",
        "{\"domain\":\"d\",\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\"}",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"\\ud800\"}",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\"} x",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\",\"register_index\":-1}",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\",\"register_index\":18446744073709551616}",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\",\"register_index\":\"8\"}",
        "[\"d\",\"o\"]",
        "[\"d\",\"o\",\"c\",\"e\"]"
      })
  void givenABodyThatIsNoEvent_whenPosted_thenTheWordsAreTheAgentsAndNothingIsExtended(String body)
      throws Exception {
    long before = server.log.status().committedPosition();

    Answer answer = ask("POST", "/aa/aael", body);

    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.contentType()).isNull();
    assertThat(answer.body()).startsWith("Illegal AAEL eventry format: ").contains(" at ");
    assertThat(server.log.status().committedPosition()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"domain\":\"\",\"operation\":\"o\",\"content\":\"c\"}",
        "{\"domain\":\"d d\",\"operation\":\"o\",\"content\":\"c\"}",
        "{\"domain\":\"d\",\"operation\":\"o\\n\",\"content\":\"c\"}",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"two\\nlines\"}",
        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"\\u0000\"}"
      })
  void givenAnEventThatWouldSpoilTheLog_whenPosted_thenRefusedBeforeItIsExtended(String body)
      throws Exception {
    long before = server.log.status().committedPosition();

    assertThat(ask("POST", "/aa/aael", body))
        .isEqualTo(new Answer(500, null, "ttrpc request error"));
    assertThat(server.log.status().committedPosition()).isEqualTo(before);
  }

  @Test
  void givenTheEventOfThePullingOfAnImage_whenPosted_thenItsBytesAreNotTouched() throws Exception {
    String content = "{\\\"image\\\":\\\"alpine\\\", \\\"digest\\\":\\\"sha256:0c\\\"}";
    long position = server.log.status().committedPosition();

    ask(
        "POST",
        "/aa/aael",
        "{\"domain\":\"github.com/confidential-containers\",\"operation\":\"PullImage\",\"content\":\"%s\"}"
            .formatted(content));

    assertThat(server.get("/v1/log?format=cel-json&from=" + position).body())
        .contains(
            Bytes.copyOf(
                    "PullImage {\"image\":\"alpine\", \"digest\":\"sha256:0c\"}"
                        .getBytes(StandardCharsets.US_ASCII))
                .toHex());
  }

  @Test
  void givenAnEventThatHappensOncePerBoot_whenPostedAgain_thenTheSameIsSkippedAndAnotherRefused()
      throws Exception {
    String first = "{\"domain\":\"once\",\"operation\":\"boot\",\"content\":\"1\"}";
    String other = "{\"domain\":\"once\",\"operation\":\"boot\",\"content\":\"2\"}";
    long before = server.log.status().committedPosition();

    assertThat(ask("POST", "/aa/aael", first).status()).isEqualTo(200);
    assertThat(ask("POST", "/aa/aael", first).body()).isEqualTo("{\"success\":\"true\"}");
    assertThat(ask("POST", "/aa/aael", other).status()).isEqualTo(500);
    assertThat(server.log.status().committedPosition()).isEqualTo(before + 1);
  }

  @Test
  void givenEvidence_whenAsked_thenItIsOctetsWithTheLogThatReplaysAndTheReportData()
      throws Exception {
    Answer answer = ask("GET", "/aa/evidence?runtime_data=a%20b+%zz", "");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.contentType()).isEqualTo("application/octet-stream");
    assertThat(answer.body())
        .startsWith("{\"cc_eventlog\":\"AAAAAAMAAAA")
        .endsWith(
            "\",\"report_data\":\"%s\",\"svn\":\"1\"}"
                .formatted(
                    Base64.getEncoder()
                        .encodeToString("a b %zz".getBytes(StandardCharsets.US_ASCII))));
  }

  @Nested
  class GivenAnotherConfiguration {
    @Test
    void whenEventsAreSwitchedOff_thenTheRefusalIsA200() throws Exception {
      try (RunningServer off =
          start("off", settings(CocoPlatform.SAMPLE, false, false, Optional.empty()))) {
        assertThat(ask(off, "POST", "/aa/aael", "no json"))
            .isEqualTo(
                new Answer(
                    200,
                    "application/json",
                    "{\"success\":\"false\",\"message\": \"Attestation Agent does not enable eventlog recording\"}"));
      }
    }

    @Test
    void whenStrict_thenTheSameRefusalIsA501() throws Exception {
      try (RunningServer strict =
          start("strict", settings(CocoPlatform.SAMPLE, true, false, Optional.empty()))) {
        assertThat(ask(strict, "POST", "/aa/aael", EVENT).status()).isEqualTo(501);
      }
    }

    @Test
    void whenThePlatformHasNoSuchRegister_thenItIsNotSupported() throws Exception {
      try (RunningServer none =
          start("none", settings(CocoPlatform.SAMPLE_TPM, false, true, Optional.empty()))) {
        assertThat(ask(none, "POST", "/aa/aael", EVENT))
            .isEqualTo(
                new Answer(
                    200,
                    "application/json",
                    "{\"success\":\"false\",\"message\": \"The platform does not support runtime measurement\"}"));
      }
    }

    @Test
    void whenItIsTheForksSample_thenTheEvidenceHasTheRegister() throws Exception {
      try (RunningServer sample =
          start("sample", settings(CocoPlatform.SAMPLE, false, true, Optional.empty()))) {
        assertThat(ask(sample, "GET", "/aa/evidence?runtime_data=x", "").body())
            .isEqualTo(
                "{\"cc_eventlog\":null,\"measure_register\":\"%s\",\"report_data\":\"eA==\",\"svn\":\"1\"}"
                    .formatted("0".repeat(64)));
        ask(sample, "POST", "/aa/aael", EVENT);
        assertThat(ask(sample, "GET", "/aa/evidence?runtime_data=x", "").body())
            .contains(
                "\"measure_register\":\"14adddd6f695b5ea739479ff662bed8ae19b3051977f2cc16a2ee32a719e6032\"");
      }
    }
  }

  /** An agent that gives tokens, or does not. */
  @Nested
  class GivenAnUpstream {
    /** Answers every connection with {@code answer} and closes it. */
    private Answer through(String answer) throws Exception {
      try (ServerSocket agent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
        Thread thread = new Thread(() -> serve(agent, answer), "agent");
        thread.start();
        String url = "http://127.0.0.1:" + agent.getLocalPort();
        try (RunningServer front =
            start(
                "front" + agent.getLocalPort(),
                settings(CocoPlatform.SAMPLE, false, true, Optional.of(url)))) {
          Answer told = ask(front, "GET", "/aa/token?token_type=kbs", "");
          thread.join();
          return told;
        }
      }
    }

    private static void serve(ServerSocket agent, String answer) {
      try (Socket client = agent.accept()) {
        BufferedReader in =
            new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
        assertThat(in.readLine()).isEqualTo("GET /aa/token?token_type=kbs HTTP/1.1");
        client.getOutputStream().write(answer.getBytes(US_ASCII));
      } catch (IOException e) {
        return; // the test sees what came of it
      }
    }

    @ParameterizedTest
    @CsvSource({
      "200 OK, application/octet-stream, a.b.c, 200",
      "500 Internal Server Error, text/plain, ttrpc is down, 500"
    })
    void whenItAnswers_thenStatusTypeAndBodyArePassedOn(
        String line, String type, String body, int status) throws Exception {
      String answer =
          "HTTP/1.1 %s\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s"
              .formatted(line, type, body.length(), body);

      assertThat(through(answer)).isEqualTo(new Answer(status, type, body));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "no HTTP at all\r\n\r\n",
          "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of it"
        })
    void whenItsAnswerIsNone_thenTheClientIsToldAsTheAgentTellsIt(String answer) throws Exception {
      assertThat(through(answer)).isEqualTo(new Answer(500, null, "ttrpc request error"));
    }

    @Test
    void whenItsAnswerIsTooLong_thenTheClientIsToldAsTheAgentTellsIt() throws Exception {
      String body = "x".repeat((8 << 20) + 1);

      assertThat(
              through(
                  "HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s".formatted(body.length(), body)))
          .isEqualTo(new Answer(500, null, "ttrpc request error"));
    }
  }
}
