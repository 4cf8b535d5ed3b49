package dev.cairn.backend.tpm;

import static dev.cairn.backend.tpm.TpmLogFixture.PCR14;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.backend.tpm.testing.Fault;
import dev.cairn.service.ExtendException;
import dev.cairn.service.ExtendException.Reason;
import dev.cairn.service.Receipt;
import dev.cairn.service.RegisterState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a running log makes of a TPM that fails, hangs, loses replies or is reset. */
class TpmUnderLoadTest {
  private static final int EXTEND = 0x182;
  private static final int READ = 0x17E;

  @TempDir Path folder;
  private TpmLogFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new TpmLogFixture(folder);
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void given_lost_replies_when_extended_then_each_event_once_and_in_order() throws Exception {
    for (int i = 0; i < 10; i++) {
      fixture
          .connector
          .on(EXTEND, i % 2 == 0 ? Fault.replyLost() : Fault.commandLost())
          .on(READ, i % 3 == 0 ? Fault.replyLost() : Fault.delay(1));
      fixture.extend(PCR14, "event " + i);
    }

    assertThat(fixture.contents(PCR14))
        .containsExactlyElementsOf(IntStream.range(0, 10).mapToObj(i -> "event " + i).toList());
    fixture.assertLogReplaysToTheRegister(PCR14);
    fixture.connector.assertAllFaultsHappened();
  }

  @Test
  void given_a_refusal_in_a_batch_when_extended_then_only_that_event_is_not_there()
      throws Exception {
    fixture.connector.on(EXTEND, Fault.delay(100)).on(EXTEND, Fault.answer(0x1C3));
    List<CompletableFuture<Receipt>> sent = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      sent.add(fixture.send(PCR14, "event " + i));
    }

    int refused = 0;
    for (CompletableFuture<Receipt> each : sent) {
      try {
        TpmLogFixture.get(each);
      } catch (ExtendException e) {
        assertThat(e.reason()).isEqualTo(Reason.BACKEND_REFUSED);
        assertThat(e).hasMessageContaining("TPM_RC_HASH (0x1c3, parameter 1)");
        refused++;
      }
    }
    assertThat(refused).isEqualTo(1);
    assertThat(fixture.contents(PCR14)).hasSize(7);
    fixture.assertLogReplaysToTheRegister(PCR14);
  }

  @Test
  void given_a_hung_TPM_when_it_goes_on_then_OK_again_and_nothing_is_lost_or_doubled()
      throws Exception {
    fixture.extend(PCR14, "before");
    fixture.swtpm.hang();
    CompletableFuture<Receipt> inFlight = fixture.send(PCR14, "in flight");
    ExtendException failed =
        catchThrowableOfType(ExtendException.class, () -> TpmLogFixture.get(inFlight));
    assertThat(failed.reason()).isEqualTo(Reason.REGISTER_FAILED);
    fixture.await(PCR14, RegisterState.FAILED);

    fixture.swtpm.resume();

    fixture.await(PCR14, RegisterState.OK);
    fixture.extend(PCR14, "after");
    assertThat(fixture.contents(PCR14)).containsExactly("before", "in flight", "after");
    fixture.assertLogReplaysToTheRegister(PCR14);
  }

  @Test
  void given_a_reset_under_load_when_noticed_then_DIVERGED_and_a_restart_begins_anew()
      throws Exception {
    fixture.extend(PCR14, "old life");
    String before = fixture.epoch();
    List<CompletableFuture<Receipt>> sent = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sent.add(fixture.send(PCR14, "load " + i));
    }
    fixture.swtpm.kill();
    fixture.swtpm.restart();
    for (CompletableFuture<Receipt> each : sent) {
      each.handle((receipt, refusal) -> receipt).get();
    }
    fixture.await(PCR14, RegisterState.DIVERGED);

    fixture.stop();
    fixture.start();

    assertThat(fixture.epoch()).isNotEqualTo(before);
    assertThat(fixture.status(PCR14).state()).isEqualTo(RegisterState.OK);
    fixture.extend(PCR14, "new life"); // events refused before may be in the start value
    assertThat(fixture.contents(PCR14)).containsExactly("new life");
    fixture.assertLogReplaysToTheRegister(PCR14);
  }

  @Test
  void given_failure_mode_when_extended_then_FAILED_with_the_TPM_s_own_reason() throws Exception {
    fixture.extend(PCR14, "before");
    fixture.swtpm.fail();

    assertThat(
            catchThrowableOfType(ExtendException.class, () -> fixture.extend(PCR14, "x")).reason())
        .isEqualTo(Reason.REGISTER_FAILED);

    fixture.await(PCR14, RegisterState.FAILED);
    assertThat(fixture.status(PCR14).reason().orElseThrow()).contains("failure mode");
  }

  @Test
  void given_the_kernel_s_TPM_reset_when_extended_then_FAILED_until_it_is_started_up()
      throws Exception {
    fixture.extend(PCR14, "before");
    fixture.swtpm.init();

    assertThat(
            catchThrowableOfType(ExtendException.class, () -> fixture.extend(PCR14, "x")).reason())
        .isEqualTo(Reason.REGISTER_FAILED);

    assertThat(fixture.status(PCR14).state()).isEqualTo(RegisterState.FAILED);
    assertThat(fixture.status(PCR14).reason().orElseThrow()).contains("TPM_RC_INITIALIZE");
  }
}
