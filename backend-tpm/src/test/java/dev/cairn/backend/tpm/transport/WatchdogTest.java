package dev.cairn.backend.tpm.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);
  private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(20);

  @Test
  void given_a_long_wait_that_ended_when_a_short_one_passes_then_the_channel_is_closed()
      throws Exception {
    try (SocketChannel channel = SocketChannel.open();
        Watchdog watchdog = new Watchdog(channel)) {
      assertThat(watchdog.disarm(watchdog.arm(HOUR))).isTrue();
      Thread.sleep(20); // so that it sleeps for an hour

      long deadline = watchdog.arm(SHORT);
      while (channel.isOpen()) {
        Thread.sleep(1);
      }
      assertThat(watchdog.disarm(deadline)).isFalse();
    }
  }

  @Test
  void given_waits_that_end_in_time_when_their_deadlines_pass_then_the_channel_stays()
      throws Exception {
    try (SocketChannel channel = SocketChannel.open();
        Watchdog watchdog = new Watchdog(channel)) {
      long end = System.nanoTime() + 5 * SHORT;
      while (System.nanoTime() < end) {
        assertThat(watchdog.disarm(watchdog.arm(HOUR))).isTrue();
        assertThat(watchdog.disarm(watchdog.arm(HOUR / 2))).isTrue();
      }
      assertThat(channel.isOpen()).isTrue();
    }
  }
}
