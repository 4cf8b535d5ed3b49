package dev.cairn.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.testing.Vectors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quotes of TDX as the kernel gave them, beside the logs of their firmware. */
class VerifyBareQuoteTest {
  private static final String QUOTE = "tdx/cos-113-tdx-quote.dat";
  private static final String LOG = "ccel/goel_cos-113-intel-tdx.bin";
  private static final String NONCE = "00".repeat(64); // as it was asked for
  private static final String THEN = "2026-01-01T00:00:00Z";

  @TempDir Path folder;
  private final TestConsole console = new TestConsole();

  private int verify(String quote, String log, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "verify",
                Vectors.path(log).toString(),
                "--quote=" + Vectors.path(quote),
                "--at=" + THEN));
    words.addAll(List.of(more));
    return console.run(words.toArray(String[]::new));
  }

  @Test
  void whenQuoteAndLogAreOfOneBoot_thenTheyAreGood() {
    assertThat(verify(QUOTE, LOG, "--nonce", NONCE)).isZero();
    assertThat(console.out())
        .contains(
            "rtmr0     sha384   match",
            "rtmr2     sha384   match",
            "ok     root: Intel's SGX root",
            "note   not checked: whether the platform is up to date",
            "good: quote of type tdx, 3 registers explained");
  }

  @Test
  void whenJsonIsWanted_thenThereIsNoEpoch() throws Exception {
    assertThat(verify(QUOTE, LOG, "--nonce", NONCE, "--json")).isZero();
    assertThat(console.json())
        .containsEntry("ok", true)
        .containsEntry("type", "tdx")
        .containsEntry("epoch", null)
        .containsEntry("required", List.of("rtmr0", "rtmr1", "rtmr2"));
  }

  @Test
  void whenThePlatformHasAnotherRoot_thenThatHasToBeGiven() throws Exception {
    String quote = "tdx/ccapi_quote.bin";
    String log = "ccel/ccapi_ccel_data.bin";
    String text = new String(Vectors.bytes(quote), ISO_8859_1);
    Path root =
        Files.writeString(
            folder.resolve("root.pem"),
            text.substring(text.lastIndexOf("-----BEGIN")).replace("\0", ""));

    assertThat(verify(quote, log)).isEqualTo(ExitStatus.NO);
    assertThat(console.out()).contains("FAILED root: key abcbd1f4da01", "is not trusted");

    assertThat(verify(quote, log, "--authority", root.toString())).isEqualTo(ExitStatus.NO);
    assertThat(console.out())
        .contains(
            "ok     root: key abcbd1f4da01",
            "FAILED nonce: not given"); // so the logs are not compared
  }

  @Test
  void whenTheQuoteComesByStandardInput_thenItIsRecognisedAllTheSame() {
    TestConsole piped = new TestConsole().withInput(Vectors.bytes(QUOTE));
    int status =
        piped.run(
            "verify",
            "--quote=-",
            "--at=" + THEN,
            "--nonce=" + NONCE,
            "--firmware-log=" + Vectors.path(LOG));
    assertThat(status).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--authority=LOG|--authority: LOG: needs certificates, PEM or DER",
        "--authority=LOG/x|--authority: LOG/x",
      })
  void whenAnAuthorityIsNoCertificate_thenItIsUnusable(String option, String said) {
    String log = Vectors.path(LOG).toString();
    assertThat(verify(QUOTE, LOG, option.replace("LOG", log))).isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains(said.replace("LOG", log));
  }

  @Test
  void whenTheQuoteIsCut_thenTheReasonIsNamed() throws Exception {
    Path cut = Files.write(folder.resolve("cut.dat"), Arrays.copyOf(Vectors.bytes(QUOTE), 700));
    assertThat(console.run("verify", "--quote=" + cut)).isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err())
        .contains("cut.dat: quote: offset 636: signature needs 4299 bytes, 64 are left");
  }

  @Test
  void whenTheTimeIsNone_thenThatIsWrongUsage() {
    assertThat(console.run("verify", "--quote=x", "--at=yesterday")).isEqualTo(ExitStatus.USAGE);
    assertThat(console.err()).contains("--at");
  }
}
