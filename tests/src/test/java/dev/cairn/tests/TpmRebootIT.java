package dev.cairn.tests;

import static dev.cairn.tests.Workload.assertDiverged;
import static dev.cairn.tests.Workload.register;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cairn.backend.tpm.testing.Fault;
import dev.cairn.backend.tpm.testing.RawTpm;
import dev.cairn.backend.tpm.testing.Swtpm;
import java.io.IOException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Power: what becomes of log and registers when the machine, or only its TPM, begins anew. */
class TpmRebootIT extends TpmFixture {
  /** Ways to lose what registers held, while the daemon is down. */
  enum Loss {
    REBOOT {
      @Override
      void happen(Swtpm swtpm) throws IOException {
        swtpm.reboot();
      }
    },
    POWER_LOSS {
      @Override
      void happen(Swtpm swtpm) throws IOException {
        swtpm.kill();
        swtpm.restart();
      }
    },
    S4 {
      @Override
      void happen(Swtpm swtpm) throws IOException {
        swtpm.hibernateAndRestart();
      }
    },
    NO_STARTUP {
      @Override
      void happen(Swtpm swtpm) throws IOException {
        swtpm.init();
      }
    };

    abstract void happen(Swtpm swtpm) throws IOException;
  }

  private Daemon.Setup direct() {
    return setup(swtpm.address());
  }

  @Nested
  class GivenRegistersThatBeginAnew {
    @ParameterizedTest
    @EnumSource
    void whenTheDaemonStarts_thenANewEpochBeginsAndTheOldOneStays(Loss loss) throws Exception {
      byte[] before = clients.runAndStop(direct());
      loss.happen(swtpm);
      try (Daemon daemon = direct().start()) {
        assertNewEpoch(daemon, before);
      }
    }

    @Test
    void whenItHappensUnderLoad_thenTheLogSaysSoAndARestartBeginsANewEpoch() throws Exception {
      byte[] before;
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 50);
        Load load = clients.start(daemon);
        load.awaitFirst();
        proxy.plan(faults -> faults.onEvery(50, EXTEND, 1, Fault.afterReset(swtpm)));
        audit.expectDivergenceOf(REGISTERS);
        await().atMost(60, SECONDS).until(() -> areAllDiverged(daemon));
        clients.stop(load);

        audit.checkWhole(daemon);
        before = audit.wholeLog(daemon);
      }
      newEpoch();
      audit.expectStartValueOf(REGISTERS); // what came behind the reset is in no log
      try (Daemon daemon = setup().start()) {
        assertWorksAndHas(daemon, before);
      }
    }
  }

  private static boolean areAllDiverged(Daemon daemon) throws IOException {
    for (String register : REGISTERS) {
      if (!"DIVERGED".equals(register(daemon, register).get("state"))) {
        return false;
      }
    }
    return true;
  }

  @Nested
  class GivenRegistersThatAreKept {
    @Test
    void whenResumedFromS3_thenTheEpochGoesOn() throws Exception {
      byte[] before = clients.runAndStop(direct());
      swtpm.suspendAndResume();
      assertGoesOn(direct(), before);
    }

    @Test
    void whenTheTpmSleepsUnderTheDaemon_thenItGoesOn() throws Exception {
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 30);
        try (RawTpm kernel = proxy.connect()) {
          kernel.shutdown(RawTpm.STATE);
          swtpm.init();
          kernel.startup(RawTpm.STATE);
        }
        clients.extend(daemon, 30);
        audit.checkWhole(daemon);
      }
    }

    private void assertGoesOn(Daemon.Setup setup, byte[] before) throws Exception {
      try (Daemon daemon = setup.start()) {
        clients.extend(daemon, 30);
        audit.checkWhole(daemon); // which wants the same epoch, and record numbers that go on
        assertThat(audit.wholeLog(daemon)).startsWith(before);
      }
      assertThat(epochs()).hasSize(1);
    }
  }

  @Nested
  class GivenATpmThatIsRolledBack {
    @Test
    void whenTheDaemonStarts_thenTheRegistersAreDivergedAndNothingIsRewritten() throws Exception {
      clients.runAndStop(direct());
      swtpm.takeSnapshot();
      byte[] before = clients.runAndStop(direct());
      swtpm.rollBack();
      audit.expectDivergenceOf(REGISTERS);
      try (Daemon daemon = direct().start()) {
        for (String register : REGISTERS) {
          assertDiverged(daemon, register, "rolled back");
          clients.assertRefusedAsDiverged(daemon, register);
        }
        assertThat(audit.wholeLog(daemon)).startsWith(before);
        audit.checkWhole(daemon);
      }
    }

    @Test
    void whenItHappensUnderTheDaemon_thenTheNextEventNotices() throws Exception {
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 30);
        swtpm.takeSnapshot();
        clients.extend(daemon, 30);
        audit.check(daemon);
        swtpm.rollBack();
        audit.expectDivergenceOf(REGISTERS);

        for (String register : REGISTERS) {
          clients.assertRefusedAsDiverged(daemon, register);
        }
        audit.checkWhole(daemon);
      }
    }
  }
}
