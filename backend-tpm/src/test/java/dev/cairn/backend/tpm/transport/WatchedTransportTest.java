package dev.cairn.backend.tpm.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A driver that does not come back is simulated: no terminal and no swtpm does that. */
class WatchedTransportTest {
  private static final int SHORT_MILLIS = 20;

  private final StuckDevice device = new StuckDevice();
  private final TpmConnector connector = new WatchedConnector(device);
  private final ByteBuffer command = ByteBuffer.allocateDirect(10);
  private final ByteBuffer response = ByteBuffer.allocateDirect(TpmTransport.MAX_BYTES);

  @Test
  void given_a_stuck_driver_when_the_time_is_up_then_the_caller_goes_on() throws Exception {
    TpmTransport stuck = connector.connect();

    assertThatThrownBy(() -> stuck.transact(command, response, SHORT_MILLIS))
        .isInstanceOf(TpmOutcomeUnknownException.class)
        .hasMessageContaining("device:/dev/tpm9: no answer within 20 ms");
    assertThatThrownBy(() -> stuck.transact(command.rewind(), response, SHORT_MILLIS))
        .isInstanceOf(TpmNotSentException.class)
        .hasMessageContaining("dead");
    stuck.close(); // does not wait either
    assertThat(device.open.get()).isEqualTo(1);
  }

  @Test
  void given_a_stuck_driver_when_connecting_then_refused_until_it_has_come_back() throws Exception {
    TpmTransport stuck = connector.connect();
    assertThatThrownBy(() -> stuck.transact(command, response, SHORT_MILLIS))
        .isInstanceOf(TpmOutcomeUnknownException.class);
    stuck.close();

    assertThatThrownBy(connector::connect)
        .isInstanceOf(TpmNotSentException.class)
        .hasMessageContaining("device:/dev/tpm9: the driver still works on a command");
    response.clear().putLong(0, 42);
    device.goOn.countDown();
    TpmTransport next = connectAsSoonAsPossible();

    assertThat(response.getLong(0)).as("what came late is not the caller's").isEqualTo(42);
    next.transact(command.rewind(), response, SHORT_MILLIS * 100);
    assertThat(response.remaining()).isEqualTo(10);
    next.close();
    assertThat(device.open.get()).isZero();
    assertThat(device.executed.get()).isEqualTo(2);
  }

  private TpmTransport connectAsSoonAsPossible() throws InterruptedException {
    while (true) {
      try {
        return connector.connect();
      } catch (TpmNotSentException e) {
        assertThat(e).hasMessageContaining("the driver still works");
        Thread.sleep(1);
      }
    }
  }

  /** Executes a command when it may; its open connections are counted. */
  private static final class StuckDevice implements TpmConnector {
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger executed = new AtomicInteger();

    @Override
    public String address() {
      return "device:/dev/tpm9";
    }

    @Override
    public TpmTransport connect() {
      open.incrementAndGet();
      return new TpmTransport() {
        @Override
        public void transact(ByteBuffer command, ByteBuffer response, int timeoutMillis)
            throws TpmOutcomeUnknownException {
          try {
            goOn.await();
          } catch (InterruptedException e) {
            throw new TpmOutcomeUnknownException("interrupted", e);
          }
          executed.incrementAndGet();
          response.clear().putShort((short) 0x8001).putInt(10).putInt(0).flip();
        }

        @Override
        public void close() {
          open.decrementAndGet();
        }
      };
    }
  }
}
