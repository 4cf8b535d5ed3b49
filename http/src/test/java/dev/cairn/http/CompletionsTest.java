package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompletionsTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger bursts = new AtomicInteger();
  private final Completions completions =
      new Completions(vertx.getOrCreateContext(), bursts::incrementAndGet);

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private void add(CountDownLatch done) {
    completions.add(
        new Completions.Completion() {
          @Override
          void run() {
            done.countDown();
          }
        });
  }

  @Test
  void whenAThreadMarksItsBursts_thenTheEventLoopIsWokenOncePerBurst() throws Exception {
    CountDownLatch done = new CountDownLatch(100);
    completions.endOfBurst();
    for (int i = 0; i < 100; i++) {
      add(done);
    }
    completions.endOfBurst();

    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(bursts).hasValueLessThanOrEqualTo(1);
  }

  @Test
  void whenAnotherThreadAdds_thenItWakesTheEventLoopItself() throws Exception {
    completions.endOfBurst();
    CountDownLatch done = new CountDownLatch(1);
    Thread other = new Thread(() -> add(done));
    other.start();
    other.join();

    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whenBurstsAreNoLongerMarked_thenNothingStaysBehind() throws Exception {
    CountDownLatch done = new CountDownLatch(2);
    completions.endOfBurst();
    add(done);
    completions.noMoreBursts();
    add(done);

    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }
}
