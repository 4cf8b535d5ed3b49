package dev.cairn.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoadTest {
  private static final String EVENT = "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\"}";

  private InetSocketAddress address = new InetSocketAddress(0);

  @BeforeEach
  void startTheYardstick() throws IOException {
    address = new InetSocketAddress(InetAddress.getLoopbackAddress(), BareServer.start());
  }

  @Test
  void whenTheServerAnswers_thenEveryAnswerIsCountedAndTimed() throws Exception {
    Load.Result result =
        new Load(address, Load.post("/", EVENT), 201).run(3, Duration.ofMillis(200));

    assertThat(result.answers()).isPositive();
    assertThat(result.perSecond()).isEqualTo(result.answers() / result.seconds());
    assertThat(result.latencies().micros(0.5)).isPositive();
  }

  @Test
  void whenTheServerAnswersSomethingElse_thenTheRunEnds() {
    Load load = new Load(address, Load.post("/", "{\"domain\":\"d\"}"), 201);

    assertThatThrownBy(() -> load.run(1, Duration.ofSeconds(10)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("HTTP 400");
  }
}
