package dev.cairn.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A bar on standard error for work that takes longer than a second; nothing where that is no
 * terminal. Costs one look at the clock per buffer read.
 */
final class Progress implements AutoCloseable {
  private static final long FIRST_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long STEP_NANOS = Duration.ofMillis(200).toNanos();
  private static final int WIDTH = 30;

  private final Console console;
  private final String what;
  private final long total;
  private final LongSupplier clock;
  private final long start;
  private long next;
  private long done;
  private boolean shown;

  /**
   * Makes one; nothing is shown yet.
   *
   * @param total in bytes; 0 if nobody knows
   */
  Progress(Console console, String what, long total) {
    this(console, what, total, System::nanoTime);
  }

  Progress(Console console, String what, long total, LongSupplier clock) {
    this.console = console;
    this.what = what;
    this.total = total;
    this.clock = clock;
    this.start = clock.getAsLong();
    this.next = start + FIRST_NANOS;
  }

  /** Returns a stream that reads {@code in} and counts. */
  InputStream counting(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        int b = super.read();
        advance(b < 0 ? 0 : 1);
        return b;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        int got = super.read(target, offset, length);
        advance(Math.max(got, 0));
        return got;
      }
    };
  }

  private void advance(int bytes) {
    done += bytes;
    if (!console.errIsTerminal()) {
      return;
    }
    long now = clock.getAsLong();
    if (now - next >= 0) {
      next = now + STEP_NANOS;
      shown = true;
      console.err().print("\r" + line(now));
      console.err().flush();
    }
  }

  private String line(long now) {
    double seconds = (now - start) / 1e9;
    String rate = "%.0f MB/s".formatted(done / 1e6 / seconds);
    if (total <= 0 || done > total) {
      return "%s %.0f MB, %s".formatted(what, done / 1e6, rate);
    }
    int filled = (int) (WIDTH * done / total);
    return "%s [%s%s] %3d %%, %s"
        .formatted(what, "#".repeat(filled), ".".repeat(WIDTH - filled), 100 * done / total, rate);
  }

  /** Takes the bar away. */
  @Override
  public void close() {
    if (shown) {
      console.err().print("\r\u001b[K");
      console.err().flush();
    }
  }
}
