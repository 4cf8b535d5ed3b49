package dev.cairn.backend.tpm;

import static dev.cairn.backend.tpm.TpmLogFixture.PCR14;
import static dev.cairn.backend.tpm.TpmLogFixture.PCR16;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tpm.testing.RawTpm;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.StartValueEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.service.RegisterState;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What recovery makes of each thing that can happen to a real TPM while Cairn is not there. */
class TpmRecoveryTest {
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

  private static DigestSet foreign() {
    return new Hasher()
        .hash(
            List.of(
                HashAlgorithm.SHA1,
                HashAlgorithm.SHA256,
                HashAlgorithm.SHA384,
                HashAlgorithm.SHA512),
            Bytes.fromHex("f00d"));
  }

  private static void extendAsSomebodyElse(Swtpm swtpm) throws Exception {
    try (RawTpm other = swtpm.connect()) {
      other.extend(14, foreign());
    }
  }

  private void assertNewEpoch(TpmLogFixture.Event event) throws Exception {
    fixture.extend(PCR14, "old life");
    String before = fixture.epoch();

    fixture.whileStopped(event);

    assertThat(fixture.epoch()).isNotEqualTo(before);
    assertThat(fixture.contents(PCR14)).isEmpty();
    assertThat(fixture.extend(PCR14, "new life").recnum()).isZero();
    fixture.assertLogReplaysToTheRegister(PCR14);
  }

  private void assertSameEpoch(TpmLogFixture.Event event) throws Exception {
    fixture.extend(PCR14, "before");
    String before = fixture.epoch();

    fixture.whileStopped(event);

    assertThat(fixture.epoch()).isEqualTo(before);
    assertThat(fixture.status(PCR14).state()).isEqualTo(RegisterState.OK);
    assertThat(fixture.extend(PCR14, "after").recnum()).isEqualTo(1);
  }

  @Nested
  class GivenAColdBoot {
    @Test
    void when_reset_then_a_new_epoch() throws Exception {
      assertNewEpoch(
          swtpm -> {
            swtpm.reboot();
            fixture.newBoot("second");
          });
    }

    @Test
    void when_the_power_failed_then_a_new_epoch() throws Exception {
      assertNewEpoch(
          swtpm -> {
            swtpm.kill();
            swtpm.restart();
            fixture.newBoot("second");
          });
    }

    @Test
    void when_hibernated_then_a_new_epoch_although_the_reset_count_is_the_same() throws Exception {
      assertNewEpoch(Swtpm::hibernateAndRestart);
    }

    @Test
    void when_a_vTPM_is_made_anew_with_every_boot_then_the_boot_id_tells() throws Exception {
      assertNewEpoch(
          swtpm -> {
            swtpm.close();
            fixture.swtpm = Swtpm.start(); // counts as in its first life
            fixture.newBoot("second");
          });
    }

    @Test
    void when_others_have_extended_it_since_then_that_is_its_start_value() throws Exception {
      fixture.extend(PCR14, "old life");
      fixture.whileStopped(
          swtpm -> {
            swtpm.reboot();
            extendAsSomebodyElse(swtpm);
          });

      DigestSet start =
          StartValueEvent.parse((PcClientEvent) fixture.records().get(0).content())
              .orElseThrow()
              .value();
      assertThat(start).isEqualTo(fixture.status(PCR14).value().orElseThrow());
      assertThat(fixture.status(PCR14).state()).isEqualTo(RegisterState.OK);
    }
  }

  @Nested
  class GivenALifeThatGoesOn {
    @Test
    void when_only_the_daemon_was_restarted_then_the_epoch_goes_on() throws Exception {
      assertSameEpoch(swtpm -> {});
      fixture.assertLogReplaysToTheRegister(PCR14);
    }

    @Test
    void when_suspended_to_memory_then_PCR_14_goes_on() throws Exception {
      assertSameEpoch(Swtpm::suspendAndResume);
      fixture.assertLogReplaysToTheRegister(PCR14);
    }

    @Test
    void when_suspended_to_memory_then_PCR_16_is_lost_and_that_is_said() throws Exception {
      fixture.extend(PCR16, "lost");
      assertSameEpoch(Swtpm::suspendAndResume);
      assertThat(fixture.status(PCR16).state()).isEqualTo(RegisterState.DIVERGED);
      assertThat(fixture.status(PCR16).reason().orElseThrow()).contains("reset");
    }

    @Test
    void when_another_kernel_was_started_by_kexec_then_the_epoch_goes_on() throws Exception {
      assertSameEpoch(swtpm -> fixture.newBoot("second kernel"));
      fixture.assertLogReplaysToTheRegister(PCR14);
    }

    @Test
    void when_suspended_and_then_hibernated_then_the_second_is_a_new_epoch() throws Exception {
      assertSameEpoch(Swtpm::suspendAndResume);
      assertNewEpoch(Swtpm::hibernateAndRestart);
    }
  }

  @Nested
  class GivenSomebodyElse {
    @Test
    void when_he_extends_our_register_then_it_diverges_and_the_other_goes_on() throws Exception {
      fixture.extend(PCR14, "ours");
      fixture.whileStopped(TpmRecoveryTest::extendAsSomebodyElse);

      assertThat(fixture.status(PCR14).state()).isEqualTo(RegisterState.DIVERGED);
      assertThat(fixture.status(PCR14).reason().orElseThrow()).contains("somebody else");
      assertThat(fixture.extend(PCR16, "fine").recnum()).isZero();
    }

    @Test
    void when_he_extends_a_register_that_is_not_ours_then_nothing_is_wrong() throws Exception {
      fixture.extend(PCR14, "ours");
      fixture.whileStopped(
          swtpm -> {
            try (RawTpm other = swtpm.connect()) {
              other.extend(10, foreign());
            }
          });
      assertThat(fixture.extend(PCR14, "ours, too").recnum()).isEqualTo(1);
      fixture.assertLogReplaysToTheRegister(PCR14);
    }

    @Test
    void when_he_resets_PCR_16_then_it_diverges() throws Exception {
      fixture.extend(PCR16, "gone");
      fixture.extend(PCR14, "stays");
      fixture.whileStopped(
          swtpm -> {
            try (RawTpm other = swtpm.connect()) {
              other.reset(16);
            }
          });
      assertThat(fixture.status(PCR16).reason().orElseThrow()).contains("reset to its start value");
      assertThat(fixture.status(PCR14).state()).isEqualTo(RegisterState.OK);
    }

    @Test
    void when_the_TPM_was_rolled_back_then_the_record_it_went_back_to_is_named() throws Exception {
      fixture.extend(PCR14, "kept");
      fixture.stop();
      fixture.swtpm.takeSnapshot();
      fixture.start();
      fixture.extend(PCR14, "rolled back");

      fixture.whileStopped(Swtpm::rollBack);

      assertThat(fixture.status(PCR14).state()).isEqualTo(RegisterState.DIVERGED);
      assertThat(fixture.status(PCR14).reason().orElseThrow())
          .contains("rolled back to what it held after record 0");
    }
  }
}
