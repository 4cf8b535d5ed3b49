package dev.cairn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.cli.client.CannedService;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExtendCommandTest {
  private static final String RECEIPT =
      "{\"register\":\"rtmr2\",\"recnum\":3,\"position\":5,\"digests\":{\"sha384\":\"aa\"},"
          + "\"value\":{\"sha384\":\"bb\"},\"epoch\":\"e1\",\"repeated\":false}";
  private static final String PROBLEM =
      "{\"type\":\"urn:cairn:problem:register-not-extendable\",\"title\":\"t\",\"status\":403,"
          + "\"detail\":\"mrtd: fixed at build time\"}";

  @TempDir Path folder;
  private final TestConsole console = new TestConsole();

  private static String answer(String status, String type, String body) {
    return "HTTP/1.1 %s\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s"
        .formatted(status, type, body.length(), body);
  }

  @Nested
  class GivenAServiceThatAccepts {
    private String send(String... arguments) throws Exception {
      try (CannedService service =
          CannedService.onTcp(answer("201 Created", "application/json", RECEIPT))) {
        String[] all = new String[arguments.length + 3];
        all[0] = "extend";
        all[1] = "--url";
        all[2] = service.url();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        assertThat(console.run(all)).as(console.err()).isZero();
        return service.request();
      }
    }

    @Test
    void whenAnAaelEventIsGiven_thenItsThreePartsAreSent() throws Exception {
      String request =
          send("--register", "rtmr2", "--domain", "d", "--operation", "o", "--content", "a \"b\"");

      assertThat(request)
          .startsWith("POST /v1/registers/rtmr2/events HTTP/1.1")
          .endsWith("{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"a \\\"b\\\"\"}");
      assertThat(console.out()).contains("rtmr2 record 3, position 5", "sha384   bb");
    }

    @Test
    void whenContentIsADash_thenItIsReadFromStandardInput() throws Exception {
      console.withInput("from stdin\n".getBytes(UTF_8));

      assertThat(send("--register", "rtmr2", "--domain", "d", "--operation", "o", "--content", "-"))
          .endsWith("\"content\":\"from stdin\"}");
    }

    @Test
    void whenDigestsAreGiven_thenTheyAreSentWithTypeAndData() throws Exception {
      Path data = Files.write(folder.resolve("data"), new byte[] {1, 2, 3});

      String request =
          send(
              "--register=pcr16",
              "--event-type=EV_IPL",
              "--event-data=" + data,
              "--digest=sha256:00ff",
              "--dry-run",
              "--idempotency-key=k");

      assertThat(request)
          .startsWith("POST /v1/registers/pcr16/events?dry_run=true HTTP/1.1")
          .contains("idempotency-key: k\r\n")
          .endsWith(
              "{\"event_type\":13,\"event_data\":\"AQID\",\"digests\":{\"sha256\":\"00ff\"}}");
    }

    @Test
    void whenJsonIsAsked_thenTheReceiptIsPrintedAsItCame() throws Exception {
      send("--register=rtmr2", "--domain=d", "--operation=o", "--content=c", "--json");

      assertThat(console.out()).isEqualTo(RECEIPT + "\n");
    }
  }

  @Test
  void whenTheServiceRefuses_thenItsReasonIsPrintedAndTheStatusIsOne() throws Exception {
    try (CannedService service =
        CannedService.onTcp(answer("403 Forbidden", "application/problem+json", PROBLEM))) {
      int status =
          console.run(
              "extend",
              "--url=" + service.url(),
              "--register=mrtd",
              "--domain=d",
              "--operation=o",
              "--content=c");

      assertThat(status).isEqualTo(ExitStatus.NO);
      assertThat(console.err())
          .isEqualTo(
              "cairn: refused: mrtd: fixed at build time"
                  + " (urn:cairn:problem:register-not-extendable, HTTP 403)\n");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--register=rtmr9 --domain=d --operation=o --content=c, 'rtmr9'",
    "--register=rtmr2 --domain=d --content=c, --operation: missing",
    "--register=rtmr2 --domain=d --event-type=13, do not go with",
    "--register=rtmr2 --event-type=NOPE --event-data=-, --event-type: 'NOPE'",
    "--register=rtmr2 --event-type=13 --event-data=- --digest=00, --digest: '00'",
    "--domain=d --operation=o --content=c, '--register=REGISTER'"
  })
  void whenTheCommandLineIsWrong_thenTheOptionIsNamed(String arguments, String said) {
    int status = console.run(("extend " + arguments).split(" "));

    assertThat(status).isEqualTo(ExitStatus.USAGE);
    assertThat(console.err()).contains(said, "'cairn extend --help'");
  }

  @Test
  void whenNobodyAnswers_thenTheStatusSaysUnreachable() {
    int status =
        console.run(
            "extend",
            "--url=unix:" + folder.resolve("none"),
            "--register=rtmr2",
            "--domain=d",
            "--operation=o",
            "--content=c");

    assertThat(status).isEqualTo(ExitStatus.UNAVAILABLE);
    assertThat(console.err()).contains("none");
  }
}
