package dev.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.cli.client.CannedService;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class RegistersCommandTest {
  private static final String GOOD =
      "{\"register\":\"rtmr2\",\"value\":{\"sha384\":\"aa\"},\"replayed\":{\"sha384\":\"aa\"},"
          + "\"records\":7,\"state\":\"OK\"}";
  private static final String DIVERGED =
      "{\"register\":\"rtmr3\",\"value\":{\"sha384\":\"cc\"},\"replayed\":{\"sha384\":\"bb\"},"
          + "\"records\":1,\"state\":\"DIVERGED\",\"reason\":\"somebody else extends it\"}";

  private final TestConsole console = new TestConsole();

  private int run(String registers, String... arguments) throws IOException {
    String body = "{\"epoch\":\"e\",\"registers\":[" + registers + "]}";
    try (CannedService service =
        CannedService.onTcp(
            "HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s".formatted(body.length(), body))) {
      String[] all = new String[arguments.length + 2];
      all[0] = "registers";
      all[1] = "--url=" + service.url();
      System.arraycopy(arguments, 0, all, 2, arguments.length);
      return console.run(all);
    }
  }

  @Test
  void whenAllAreOk_thenTheTableShowsThem() throws Exception {
    assertThat(run(GOOD)).isZero();
    assertThat(console.out().lines().toList().get(1).split(" +"))
        .containsExactly("rtmr2", "OK", "7", "sha384", "aa");
  }

  @Test
  void whenOneDiverged_thenBothValuesAndTheReasonAreShownAndTheStatusIsOne() throws Exception {
    assertThat(run(GOOD + "," + DIVERGED)).isEqualTo(ExitStatus.NO);
    assertThat(console.out()).contains("by log   bb", "somebody else extends it");
  }

  @Test
  void whenOneIsNamed_thenOnlyThatOneCounts() throws Exception {
    assertThat(run(GOOD + "," + DIVERGED, "rtmr2", "--json")).isZero();
    assertThat(console.out()).contains("\"rtmr2\"").doesNotContain("rtmr3");
  }

  @Test
  void whenTheNamedOneIsMissing_thenTheErrorListsWhatThereIs() throws Exception {
    assertThat(run(GOOD, "pcr5")).isEqualTo(ExitStatus.NO);
    assertThat(console.err()).contains("pcr5", "it has rtmr2");
  }
}
