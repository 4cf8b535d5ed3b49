package dev.cairn.tests;

import static dev.cairn.tests.Workload.assertDiverged;
import static dev.cairn.tests.Workload.register;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cairn.backend.tpm.testing.Fault;
import dev.cairn.backend.tpm.testing.RawTpm;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.backend.tpm.testing.TpmCharacterDevice;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.Hasher;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A software TPM that fails, hangs, is occupied, or is used by somebody else. */
class TpmFaultIT extends TpmFixture {
  private static final int PATIENCE_SECONDS = 60;
  private static final DigestSet FOREIGN = new Hasher().hash(Swtpm.BANKS, Bytes.filled(3, 7));

  static Stream<Arguments> passingFaults() {
    return Stream.of(
        Arguments.of("reply lost", Fault.replyLost()),
        Arguments.of("command lost", Fault.commandLost()),
        Arguments.of("reply truncated", Fault.truncated(12)),
        Arguments.of("reply without its end", Fault.shortened(14)),
        Arguments.of("late", Fault.delay(20)),
        Arguments.of("TPM_RC_RETRY", Fault.answer(0x922)),
        Arguments.of("TPM_RC_YIELDED", Fault.answer(0x908)),
        Arguments.of("TPM_RC_TESTING", Fault.answer(0x90A)),
        Arguments.of("TPM_RC_CANCELED", Fault.answer(0x909)));
  }

  @Nested
  class GivenFaultsThatPass {
    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.cairn.tests.TpmFaultIT#passingFaults")
    void whenClientsExtend_thenEachEventIsAcknowledgedAndExtendedOnce(String name, Fault fault)
        throws Exception {
      try (Daemon daemon = setup().start()) {
        proxy.plan(faults -> faults.onEvery(7, EXTEND, 10, fault).onEvery(5, READ, 5, fault));
        List<Attempt> attempts = clients.extend(daemon, 200);

        assertThat(attempts).allMatch(Attempt::acknowledged);
        audit.checkWhole(daemon);
      }
    }
  }

  @Nested
  class GivenATpmThatIsBusyForLong {
    @Test
    void whenItHasNoTimeForAnEvent_thenThatIsRefusedAndTheNextIsNot() throws Exception {
      try (Daemon daemon = setup().start()) {
        proxy.plan(faults -> faults.on(EXTEND, 1000, Fault.answer(0x908)));
        Response refusal = clients.extend(daemon, "pcr14");
        proxy.plan(faults -> faults.clear());

        assertThat(refusal.status()).as(refusal.toString()).isEqualTo(502);
        assertThat(refusal.problem()).isEqualTo("backend-refused");
        assertThat(clients.extend(daemon, "pcr14").status()).isEqualTo(201);
        audit.checkWhole(daemon);
      }
    }
  }

  @Nested
  class GivenATpmInFailureMode {
    @Test
    void whenItHasFailed_thenNothingIsAcknowledgedUntilTheMachineWasReset() throws Exception {
      byte[] before;
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 50);
        audit.check(daemon);
        before = audit.wholeLog(daemon);

        swtpm.fail();
        Response refusal = clients.extend(daemon, "pcr14");
        assertThat(refusal.status()).as(refusal.toString()).isEqualTo(503);
        assertThat(refusal.text()).contains("FAILURE");
        assertThat(audit.wholeLog(daemon)).isEqualTo(before);
      }
      swtpm.init();
      try (Daemon daemon = setup().start()) {
        assertNewEpoch(daemon, before);
      }
    }
  }

  @Nested
  class GivenATpmThatHangs {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whenItGoesOn_thenTheRegistersAreOkAndNothingIsLostOrDoubled(boolean device)
        throws Exception {
      try (TpmCharacterDevice node =
              TpmCharacterDevice.inFrontOf(proxy.socket(), folder.resolve("tpmrm0"));
          Daemon daemon =
              setup(device ? node.address() : proxy.address())
                  .with("--device-timeout", "400ms")
                  .start()) {
        clients.extend(daemon, 50);
        Load load = clients.start(daemon);
        load.awaitFirst();
        swtpm.hang();
        await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> isFailed(daemon));
        assertThat(daemon.get("/livez").status()).isEqualTo(200);
        int refused = load.refused();
        await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> load.refused() > refused);

        swtpm.resume();
        int acknowledged = load.acknowledged();
        await()
            .atMost(PATIENCE_SECONDS, SECONDS)
            .until(() -> load.acknowledged() > acknowledged + 50);
        clients.stop(load);
        audit.checkWhole(daemon);
      }
    }

    private boolean isFailed(Daemon daemon) throws Exception {
      return daemon.get("/metrics").text().contains("state=\"FAILED\"} 1");
    }
  }

  @Nested
  class GivenAnotherClientThatOccupiesTheOnlyConnection {
    @Test
    void whenTheDaemonStarts_thenItSaysSoAndEnds() throws Exception {
      try (Swtpm occupied = Swtpm.start();
          RawTpm other = occupied.connect()) {
        other.counts();
        try (Daemon daemon = setup(occupied.address()).with("--device-timeout", "400ms").launch()) {
          assertThat(daemon.becomesReady()).isFalse();
          assertThat(daemon.awaitEnd()).isNotZero();
          assertThat(daemon.errors()).contains(occupied.address(), "no answer within 400 ms");
        }
      }
    }

    @Test
    void whenItLeaves_thenTheRegistersAreOkAndNothingIsLostOrDoubled() throws Exception {
      try (Swtpm occupied = Swtpm.start();
          Daemon daemon = setup(occupied.address()).with("--device-timeout", "400ms").start()) {
        clients.extend(daemon, 30);
        Load load = clients.start(daemon);
        try (RawTpm other = occupied.connect()) {
          load.awaitFirst();
          occupied.hang(); // the daemon gives its connection up, and the other has the next turn
          await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> load.refused() > 0);
          occupied.resume();
          other.counts();
          int refused = load.refused();
          await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> load.refused() > refused);
        }
        int acknowledged = load.acknowledged();
        await()
            .atMost(PATIENCE_SECONDS, SECONDS)
            .until(() -> load.acknowledged() > acknowledged + 30);
        clients.stop(load);
        audit.checkWhole(daemon);
      }
    }
  }

  @Nested
  class GivenSomebodyElseWhoExtends {
    @Test
    void whenItIsAToolBetweenTwoEvents_thenTheNextEventNoticesAndTheLogSaysSo() throws Exception {
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 30);
        audit.check(daemon);
        proxy.run("tpm2_pcrextend", "14:sha256=" + "11".repeat(32));
        audit.expectDivergenceOf(List.of("pcr14"));

        clients.assertRefusedAsDiverged(daemon, "pcr14");
        assertDiverged(daemon, "pcr14", "changed by somebody else");
        assertThat(clients.extend(daemon, "pcr8").status()).isEqualTo(201);
        audit.checkWhole(daemon);
      }
      try (Daemon daemon = setup().start()) {
        clients.assertRefusedAsDiverged(daemon, "pcr14");
        assertThat(clients.extend(daemon, "pcr8").status()).isEqualTo(201);
        audit.checkWhole(daemon);
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whenItHappensUnderLoad_thenThatRegisterIsRefusedAndTheOtherGoesOn(boolean before)
        throws Exception {
      byte[] other = RawTpm.extendCommand(14, FOREIGN);
      Fault fault = before ? Fault.afterOthers(other) : Fault.beforeAnother(other);
      try (Daemon daemon = setup().start()) {
        proxy.plan(faults -> faults.onEvery(50, EXTEND, 1, fault));
        audit.expectDivergenceOf(List.of("pcr14"));
        clients.extend(daemon, 200);

        assertDiverged(daemon, "pcr14", "changed by somebody else");
        assertThat(register(daemon, "pcr8")).containsEntry("state", "OK");
        audit.checkWhole(daemon);
      }
    }

    @Test
    void whenNobodyExtendsARegisterOfTheirs_thenItIsShownAndNothingElse() throws Exception {
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 30);
        proxy.run("tpm2_pcrextend", "10:sha256=" + "11".repeat(32));
        clients.extend(daemon, 30);

        assertThat(register(daemon, "pcr10")).containsEntry("state", "OBSERVED");
        audit.checkWhole(daemon);
      }
    }
  }
}
