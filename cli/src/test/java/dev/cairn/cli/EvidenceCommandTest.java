package dev.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.cli.client.CannedService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvidenceCommandTest {
  private static final String GOOD =
      "HTTP/1.1 200 OK\r\ncairn-epoch: e1\r\ncairn-end-position: 7\r\n"
          + "content-length: 20\r\n\r\n{\"cairn_evidence\":1}";
  private static final String REFUSED =
      "HTTP/1.1 409 Conflict\r\ncontent-type: application/problem+json\r\ncontent-length: %d\r\n\r\n%s";

  private static final String DOCUMENT =
      "{\"cairn_evidence\":1,\"epoch\":\"e1\",\"nonce\":\"AP8=\","
          + "\"quote\":{\"type\":\"emulator\",\"parts\":{\"report\":\"AQID\"}},"
          + "\"values\":{\"registers\":\"pcr\",\"sha1\":{\"14\":\"%s\"}},\"explained\":[],"
              .formatted("00".repeat(20))
          + "\"log\":{\"format\":\"cel-tlv\",\"first_position\":0,\"end_position\":0,\"bytes\":0}}";

  @TempDir Path folder;
  private final TestConsole console = new TestConsole();

  private int run(CannedService service, String... arguments) throws Exception {
    String[] all = new String[arguments.length + 2];
    all[0] = "evidence";
    all[1] = "--url=" + service.url();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return console.run(all);
  }

  private static String ok(String body) {
    return "HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s".formatted(body.length(), body);
  }

  @Test
  void whenAllIsSaid_thenItIsAskedForAndPrinted() throws Exception {
    try (CannedService service = CannedService.onTcp(GOOD)) {
      int status =
          run(
              service,
              "--nonce=fbeffe00",
              "--registers=pcr14,pcr15",
              "--banks=sha256",
              "--firmware-log",
              "--no-log");

      assertThat(status).isZero();
      assertThat(service.request())
          .startsWith(
              "GET /v1/evidence?nonce=--_-AA&registers=pcr14%2Cpcr15&banks=sha256"
                  + "&firmware_log=true&log=false HTTP/1.1");
      assertThat(console.out()).isEqualTo("{\"cairn_evidence\":1}");
    }
  }

  @Test
  void whenAFileIsNamed_thenItIsThereAndWhatItIsIsSaid() throws Exception {
    Path file = folder.resolve("evidence.json");
    try (CannedService service = CannedService.onTcp(GOOD)) {
      assertThat(run(service, "--nonce=00ff", "-o", file.toString(), "--json")).isZero();
    }

    assertThat(file).hasContent("{\"cairn_evidence\":1}");
    assertThat(console.json())
        .containsEntry("nonce", "00ff")
        .containsEntry("epoch", "e1")
        .containsEntry("end_position", 7L);
  }

  @Test
  void whenTheNonceIsRandom_thenItIsTheOneThatIsPrinted() throws Exception {
    try (CannedService service = CannedService.onTcp(GOOD)) {
      assertThat(run(service, "--nonce=random")).isZero();

      String printed = console.err().strip().replace("nonce ", "");
      String asked = service.request().split("[= ]", 4)[2];
      assertThat(java.util.Base64.getUrlDecoder().decode(asked))
          .hasSize(32)
          .isEqualTo(java.util.HexFormat.of().parseHex(printed));
    }
  }

  @Test
  void whenItIsSplit_thenEveryPartIsAFile() throws Exception {
    Path quote = folder.resolve("new").resolve("quote");
    try (CannedService service = CannedService.onTcp(ok(DOCUMENT))) {
      assertThat(run(service, "--nonce=00ff", "--split", quote.toString(), "--json")).isZero();

      assertThat(service.request()).contains("log=false");
    }
    assertThat(quote.resolve("report.bin")).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(console.json())
        .containsEntry("files", List.of("report.bin"))
        .containsEntry("nonce", "00ff");
  }

  @Test
  void whenAPartWouldLeadOutOfTheFolder_thenNothingIsWritten() throws Exception {
    Path quote = folder.resolve("quote");
    String hostile = DOCUMENT.replace("report\":", "../rep\":");
    try (CannedService service = CannedService.onTcp(ok(hostile))) {
      assertThat(run(service, "--nonce=00ff", "--split", quote.toString()))
          .isEqualTo(ExitStatus.UNUSABLE_INPUT);
    }
    assertThat(console.err()).contains("name '../rep'");
    assertThat(quote).doesNotExist();
  }

  @Test
  void whenItIsRefused_thenTheReasonIsSaidAndNoFileIsLeft() throws Exception {
    String problem = "{\"type\":\"urn:cairn:problem:register-diverged\",\"detail\":\"pcr14: no\"}";
    try (CannedService service =
        CannedService.onTcp(REFUSED.formatted(problem.length(), problem))) {
      int status = run(service, "--nonce=00", "-o", folder.resolve("evidence.json").toString());

      assertThat(status).isEqualTo(ExitStatus.NO);
      assertThat(console.err()).contains("pcr14: no", "register-diverged", "409");
    }
    try (var left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"xyz, needs hexadecimal digits", "abc, needs hexadecimal digits", "65, 65 bytes"})
  void whenTheNonceIsNotUsable_thenThatIsWrongUsage(String nonce, String said) {
    String hex = nonce.equals("65") ? "00".repeat(65) : nonce;

    assertThat(console.run("evidence", "--nonce", hex)).isEqualTo(ExitStatus.USAGE);
    assertThat(console.err()).contains(said);
  }
}
