package dev.cairn.backend.tdx.trace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.SeededTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TraceLineTest {
  private static final String DIGEST = "ab".repeat(48);

  /** As seen in a guest with Linux 7.3.4. */
  @Test
  void given_a_line_of_the_kernel_when_parsed_then_thread_register_and_digest_are_found()
      throws IOException {
    TraceLine line =
        only(
            "            head-136     [000] .....   676.352832: tsm_mr_write: [rtmr3] sha384:"
                + DIGEST);

    assertThat(line.thread()).isEqualTo(136);
    TraceLine.Extend extend = line.extend().orElseThrow();
    assertThat(extend.register()).isEqualTo(RegisterId.rtmr(3));
    assertThat(extend.digest()).hasToString("sha384:" + DIGEST);
  }

  @Test
  void given_the_option_record_tgid_when_parsed_then_the_thread_is_not_the_group()
      throws IOException {
    TraceLine line =
        only(
            "   my-prog 2-7-31      (     29) [001] d..1.  1.000001: tsm_mr_write: [rtmr2] sm3:"
                + "00".repeat(32));

    assertThat(line.thread()).isEqualTo(31);
    assertThat(line.extend().orElseThrow().digest().algorithm()).isEqualTo(HashAlgorithm.SM3_256);
  }

  /** A command may hold a line feed: seen in a guest with Linux 7.3.4. */
  @Test
  void given_a_command_of_two_lines_when_parsed_then_the_second_is_the_kernels()
      throws IOException {
    TraceLine line =
        only(
            "  a\nb-1 [0] x: z-143     [001] .....    45.602015: tsm_mr_write: [rtmr3] sha384:"
                + DIGEST);

    assertThat(line.thread()).isEqualTo(143);
  }

  @Test
  void given_a_mark_that_quotes_an_extend_when_parsed_then_it_stays_a_mark() throws IOException {
    String mark = "x-1 [000] ..... 1.000000: tsm_mr_write: [rtmr2] sha384:" + DIGEST;
    TraceLine line = only("   bash-124     [000] ...1.    32.083486: tracing_mark_write: " + mark);

    assertThat(line.extend()).isEmpty();
    assertThat(line.thread()).isEqualTo(124);
    assertThat(line.isMark(mark)).isTrue();
    assertThat(line.isMark(mark + "0")).isFalse();
  }

  @Test
  void given_digests_of_wrong_length_or_unknown_registers_when_parsed_then_they_are_no_extends()
      throws IOException {
    String head = "  a-1 [000] .....  1.000000: tsm_mr_write: ";
    for (String text :
        List.of(
            "[rtmr2] sha384:" + DIGEST + "ab",
            "[rtmr2] sha384:" + DIGEST.substring(2),
            "[rtmr4] sha384:" + DIGEST,
            "[report_digest] sha384:" + DIGEST,
            "[rtmr2] md5:" + "00".repeat(16),
            "[rtmr2] sha384:" + DIGEST.toUpperCase(java.util.Locale.ROOT))) {
      assertThat(only(head + text).extend()).as(text).isEmpty();
    }
  }

  @SeededTest
  void given_hostile_bytes_when_read_then_only_whole_lines_are_extends(long seed)
      throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder text = new StringBuilder();
    int whole = 0;
    for (int i = 0; i < 50; i++) {
      String line =
          "  cmd-%d [000] .....  1.000000: tsm_mr_write: [rtmr2] sha384:%s".formatted(i, DIGEST);
      switch (random.nextInt(4)) {
        case 0 -> text.append(line.substring(0, random.nextInt(line.length())));
        case 1 -> random.ints(random.nextInt(3000), 32, 256).forEach(c -> text.append((char) c));
        case 2 -> text.append(line).append(' ');
        default -> {
          text.append(line);
          whole++;
        }
      }
      text.append('\n');
    }

    long extend = lines(text.toString()).stream().filter(l -> l.extend().isPresent()).count();
    assertThat(extend).isEqualTo(whole);
  }

  private static TraceLine only(String text) throws IOException {
    List<TraceLine> lines = lines(text);
    assertThat(lines).hasSize(1);
    return lines.get(0);
  }

  private static List<TraceLine> lines(String text) throws IOException {
    List<TraceLine> found = new ArrayList<>();
    try (TraceLines lines = new TraceLines(new ByteArrayInputStream(text.getBytes(ISO_8859_1)))) {
      for (TraceLine line = lines.next(); line != null; line = lines.next()) {
        found.add(line);
      }
    }
    return found;
  }
}
