package dev.cairn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final AtomicLong nanos = new AtomicLong();

  private void readHalf(boolean terminal, long seconds) throws Exception {
    Console console =
        new Console(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            new PrintStream(err, true, UTF_8),
            false,
            terminal);
    try (Progress progress = new Progress(console, "log", 200, nanos::get)) {
      InputStream in = progress.counting(new ByteArrayInputStream(new byte[200]));
      nanos.set(seconds * 1_000_000_000L);
      in.readNBytes(100);
    }
  }

  @Test
  void whenWorkIsShort_thenNothingIsShown() throws Exception {
    readHalf(true, 0);

    assertThat(err.size()).isZero();
  }

  @Test
  void whenWorkIsLong_thenABarIsShownAndTakenAway() throws Exception {
    readHalf(true, 2);

    assertThat(err.toString(UTF_8))
        .startsWith("\rlog [###############...............]  50 %")
        .endsWith("\r\u001b[K");
  }

  @Test
  void whenStandardErrorIsNoTerminal_thenNothingIsShown() throws Exception {
    readHalf(false, 2);

    assertThat(err.size()).isZero();
  }
}
