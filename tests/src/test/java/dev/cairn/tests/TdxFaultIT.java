package dev.cairn.tests;

import static dev.cairn.tests.Workload.assertDiverged;
import static dev.cairn.tests.Workload.register;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.backend.tdx.emulation.Faults;
import dev.cairn.backend.tdx.emulation.Faults.Place;
import dev.cairn.backend.tdx.fuse.Errno;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** An emulated TDX guest whose hardware fails, is slow, or is used by somebody else. */
class TdxFaultIT {
  private static final int PATIENCE_SECONDS = 60;

  /** What holds by every interface that extends. */
  private abstract static class AnyInterface extends TdxFixture {
    private final Offer[] offers;

    AnyInterface(Offer... offers) {
      this.offers = offers.clone();
    }

    @Override
    Offer[] offers() {
      return offers.clone();
    }

    /** Every seventh extend fails, after its effect if {@code executed}. */
    void failNowAndThen(Errno errno, boolean executed) throws Exception {
      try (Daemon daemon = setup().start()) {
        if (executed) {
          kernel.faults().failAfterwards(Place.EXTEND, Faults.every(7), errno);
        } else {
          kernel.faults().fail(Place.EXTEND, Faults.every(7), errno);
        }
        List<Attempt> attempts = clients.extend(daemon, 200);

        assertThat(attempts).allMatch(Attempt::acknowledged);
        assertThat(kernel.faults().happened()).isGreaterThan(10);
        checkAll(daemon);
      }
    }

    @Test
    void whenExtendsAlwaysFail_thenTheyAreRefusedAndTheNextIsNot() throws Exception {
      try (Daemon daemon = setup().start()) {
        kernel.faults().fail(Place.EXTEND, Faults.every(1), Errno.EBUSY);
        Response refusal = clients.extend(daemon, "rtmr2");
        kernel.faults().clear();

        assertThat(refusal.status()).as(refusal.toString()).isEqualTo(502);
        assertThat(refusal.problem()).isEqualTo("backend-refused");
        assertThat(clients.extend(daemon, "rtmr2").status()).isEqualTo(201);
        checkAll(daemon);
      }
    }

    @ParameterizedTest
    @EnumSource(
        value = Errno.class,
        names = {"EBUSY", "EIO"})
    void whenRegistersCannotBeReadForAWhile_thenAllIsDecidedAfterwards(Errno errno)
        throws Exception {
      try (Daemon daemon = setup().start()) {
        Load load = clients.start(daemon);
        load.awaitFirst();
        kernel.faults().fail(Place.REFRESH, Faults.every(1), errno);
        int refused = load.refused();
        await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> load.refused() > refused);

        kernel.faults().clear();
        int acknowledged = load.acknowledged();
        await()
            .atMost(PATIENCE_SECONDS, SECONDS)
            .until(() -> load.acknowledged() > acknowledged + 50);
        clients.stop(load);
        checkAll(daemon);
      }
    }

    @Test
    void whenAnExtendHangs_thenOthersAreAnsweredAndItEndsLater() throws Exception {
      try (Daemon daemon = setup().start()) {
        Load load;
        try (Faults.Hang hang = kernel.faults().hang(Place.EXTEND)) {
          load = clients.start(daemon);
          await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> hang.waiting() == 1);
          assertThat(daemon.get("/livez").status()).isEqualTo(200);
          assertThat(daemon.get("/v1/log").bytes()).isEmpty();
        }
        load.awaitFirst();
        clients.stop(load);
        checkAll(daemon);
      }
    }

    @Test
    void whenKilledWhileAnExtendHangs_thenItIsExtendedAndLoggedOnce() throws Exception {
      try (Daemon daemon = setup().start()) {
        Load load;
        CompletableFuture<Void> end;
        try (Faults.Hang hang = kernel.faults().hang(Place.EXTEND)) {
          load = clients.start(daemon);
          await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> hang.waiting() == 1);
          end = CompletableFuture.runAsync(daemon::kill); // the kernel finishes the call first
        }
        end.join();
        audit.add(load.join());
      }
      try (Daemon daemon = setup().start()) {
        assertThat(kernel.hardware().extended(2).size() + kernel.hardware().extended(3).size())
            .isEqualTo(1);
        checkAll(daemon);
        assertThat(audit.endPosition()).isEqualTo(1);
      }
    }

    @Test
    void whenSomebodyElseExtendsBetweenTwoEvents_thenTheNextEventNoticesAndTheLogSaysSo()
        throws Exception {
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 30);
        audit.check(daemon);
        kernel.hardware().extendByOthers(2, new byte[48]);
        audit.expectDivergenceOf(List.of("rtmr2"));

        clients.assertRefusedAsDiverged(daemon, "rtmr2");
        assertDiverged(daemon, "rtmr2", "changed by somebody else");
        assertThat(clients.extend(daemon, "rtmr3").status()).isEqualTo(201);
        audit.checkWhole(daemon);
      }
      try (Daemon daemon = setup().start()) {
        clients.assertRefusedAsDiverged(daemon, "rtmr2");
        assertThat(clients.extend(daemon, "rtmr3").status()).isEqualTo(201);
        audit.checkWhole(daemon);
      }
    }

    @Test
    void whenFirmwaresRegistersChange_thenTheyAreShownAndNothingElse() throws Exception {
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 30);
        kernel.hardware().extendByOthers(0, new byte[48]);
        clients.extend(daemon, 30);

        assertThat(register(daemon, "rtmr0")).containsEntry("state", "OBSERVED");
        Response refusal = clients.extend(daemon, "rtmr0");
        assertThat(refusal.status()).as(refusal.toString()).isEqualTo(403);
        assertThat(refusal.text()).contains("firmware");
        checkAll(daemon);
      }
    }

    @Test
    void whenAnotherKernelIsStarted_thenTheEpochGoesOn() throws Exception {
      clients.runAndStop(setup());
      kernel.kexec();
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 30);
        checkAll(daemon); // which wants the same epoch
      }
      assertThat(epochs()).hasSize(1);
    }

    @Test
    void whenTheMachineIsReset_thenANewEpochBegins() throws Exception {
      byte[] before = clients.runAndStop(setup());
      kernel.coldBoot();
      newEpoch();
      try (Daemon daemon = setup().start()) {
        assertThat(audit.wholeLog(daemon)).isEmpty();
        clients.extend(daemon, 30);
        checkAll(daemon);
      }
      assertThat(epochs()).hasSize(2);
      assertThat(epochs())
          .anySatisfy(
              epoch ->
                  assertThat(epoch.resolve("00000000000000000000.cel")).hasBinaryContent(before));
    }
  }

  @Nested
  class GivenSysfs extends AnyInterface {
    GivenSysfs() {
      super(Offer.SYSFS, Offer.DEVICE); // the driver has both
    }

    /** The driver says EBUSY and ENXIO only of an extend that has not happened. */
    @ParameterizedTest
    @CsvSource({"EBUSY, false", "EINTR, false", "EIO, false", "EIO, true"})
    void whenExtendsFailNowAndThen_thenNoneIsLostOrDoubled(Errno errno, boolean executed)
        throws Exception {
      failNowAndThen(errno, executed);
    }

    @Test
    void whenTheDriverGoesAndComesBack_thenEventsAreRefusedAndThenNot() throws Exception {
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 30);
        kernel.tdxGuest().unload();
        Response refusal = clients.extend(daemon, "rtmr2");
        assertThat(refusal.status()).as(refusal.toString()).isEqualTo(502);

        kernel.tdxGuest().load();
        assertThat(clients.extend(daemon, "rtmr2").status()).isEqualTo(201);
        checkAll(daemon);
      }
    }

    @Test
    void whenARegisterIsReadOnlyAtTheStart_thenItIsNamedWithTheRemedy() throws Exception {
      byte[] before = clients.runAndStop(setup());
      kernel.tdxGuest().setPermissions("rtmr3:sha384", 0444);
      try (Daemon daemon = setup().launch()) {
        assertThat(daemon.becomesReady()).isFalse();
        assertThat(daemon.awaitEnd()).isEqualTo(69);
        assertThat(daemon.errors()).contains("rtmr3", "no write permission");
      }
      kernel.tdxGuest().setPermissions("rtmr3:sha384", 0644);
      try (Daemon daemon = setup().start()) {
        assertThat(audit.wholeLog(daemon)).isEqualTo(before);
        clients.extend(daemon, 30);
        checkAll(daemon);
      }
    }
  }

  /** A daemon that may not read the guest's device: only the file shows values. */
  @Nested
  class GivenSysfsWithoutTdreport extends TdxFixture {
    @Override
    Offer[] offers() {
      return new Offer[] {Offer.SYSFS};
    }

    @Test
    void whenNobodyKnowsWhetherAnExtendHappened_thenEventsAreRefusedWithTheRemedy()
        throws Exception {
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 30);
        audit.check(daemon);
        int extended = kernel.hardware().extended(2).size();
        kernel.faults().failAfterwards(Place.EXTEND, Faults.next(1), Errno.EIO);

        Response refusal = clients.extend(daemon, "rtmr2");

        assertThat(refusal.status()).as(refusal.toString()).isEqualTo(503);
        assertThat(clients.extend(daemon, "rtmr2").status()).isEqualTo(503);
        assertThat(clients.extend(daemon, "rtmr3").status()).isEqualTo(503);
        assertThat(register(daemon, "rtmr2")).containsEntry("state", "FAILED");
        assertThat(String.valueOf(register(daemon, "rtmr2").get("reason"))).contains("tdx.device");
        assertThat(kernel.hardware().extended(2)).hasSize(extended + 1);
      }
    }
  }

  @Nested
  class GivenTheRfcConfigfs extends AnyInterface {
    GivenTheRfcConfigfs() {
      super(Offer.RTMRS);
    }

    /** Close says nothing, whatever has happened. */
    @ParameterizedTest
    @CsvSource({
      "EBUSY, false",
      "EINTR, false",
      "EIO, false",
      "EIO, true",
      "EBUSY, true",
      "ENXIO, true"
    })
    void whenExtendsFailNowAndThen_thenNoneIsLostOrDoubled(Errno errno, boolean executed)
        throws Exception {
      failNowAndThen(errno, executed);
    }
  }
}
