package dev.cairn.backend.tpm.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to the registers and counts of a TPM, as the tests of the backend rely on it. */
class SwtpmTest {
  private static final List<HashAlgorithm> BANKS =
      List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SHA512);
  private static final DigestSet RESET = DigestSet.filled(BANKS, 0);
  private static final DigestSet ONE = new Hasher().hash(BANKS, Bytes.filled(1, 1));
  private static final DigestSet AFTER_ONE = new Hasher().extend(RESET, ONE);

  private Swtpm swtpm;
  private RawTpm.Counts counts;

  @BeforeEach
  void extendOnce() throws Exception {
    swtpm = Swtpm.start();
    try (RawTpm client = swtpm.connect()) {
      client.extend(14, ONE);
      client.extend(16, ONE);
      counts = client.counts();
    }
  }

  @AfterEach
  void stop() throws Exception {
    swtpm.close();
  }

  @Test
  void when_rebooted_then_registers_anew_and_one_reset_more() throws Exception {
    swtpm.reboot();
    assertHolds(RESET, RESET, counts.reset() + 1, 0);
  }

  @Test
  void when_killed_and_started_then_registers_anew_and_one_reset_more() throws Exception {
    swtpm.kill();
    swtpm.restart();
    assertHolds(RESET, RESET, counts.reset() + 1, 0);
  }

  @Test
  void when_suspended_then_register_14_is_kept_and_one_restart_more() throws Exception {
    swtpm.suspendAndResume();
    assertHolds(AFTER_ONE, RESET, counts.reset(), counts.restart() + 1);
  }

  @Test
  void when_hibernated_then_registers_anew_and_one_restart_more() throws Exception {
    swtpm.hibernateAndRestart();
    assertHolds(RESET, RESET, counts.reset(), counts.restart() + 1);
  }

  @Test
  void when_rolled_back_then_all_is_as_it_was_and_the_next_reboot_is_one() throws Exception {
    swtpm.takeSnapshot();
    try (RawTpm client = swtpm.connect()) {
      client.extend(14, ONE);
    }
    swtpm.rollBack();
    assertHolds(AFTER_ONE, AFTER_ONE, counts.reset(), counts.restart());
    swtpm.reboot();
    assertHolds(RESET, RESET, counts.reset() + 1, 0);
  }

  @Test
  void when_it_fails_then_it_says_so_until_the_next_power_cycle() throws Exception {
    swtpm.fail();
    try (RawTpm client = swtpm.connect()) {
      assertThat(RawTpm.code(client.send(RawTpm.extendCommand(14, ONE)))).isEqualTo(0x101);
    }
    swtpm.reboot();
    assertHolds(RESET, RESET, counts.reset() + 1, 0);
  }

  @Test
  void when_hung_and_resumed_then_what_was_sent_meanwhile_is_executed() throws Exception {
    swtpm.hang();
    Thread later =
        new Thread(
            () -> {
              try {
                Tools.sleep(50);
                swtpm.resume();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    later.start();
    try (RawTpm client = swtpm.connect()) {
      client.reset(16);
      client.extend(16, ONE);
    }
    later.join();
    assertHolds(AFTER_ONE, AFTER_ONE, counts.reset(), counts.restart());
  }

  private void assertHolds(DigestSet pcr14, DigestSet pcr16, int resets, int restarts)
      throws IOException {
    try (RawTpm client = swtpm.connect()) {
      assertThat(client.read(14, BANKS)).isEqualTo(pcr14);
      assertThat(client.read(16, BANKS)).isEqualTo(pcr16);
      assertThat(client.counts()).isEqualTo(new RawTpm.Counts(resets, restarts));
    }
  }
}
