package dev.cairn.tests;

import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.measure.DigestSet;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Kills the daemon again and again while clients extend, and holds it to the promise after each
 * kill. {@code -Dcairn.kills=N} says how often with the emulator, over both profiles, and {@code
 * -Dcairn.tpm-kills=N} with a software TPM.
 */
@Execution(ExecutionMode.CONCURRENT)
class CrashIT {
  private static final int KILLS = Integer.getInteger("cairn.kills", 60);
  private static final int TPM_KILLS = Integer.getInteger("cairn.tpm-kills", 90);

  @Nested
  @Execution(ExecutionMode.CONCURRENT)
  class GivenATdxGuest {
    @Test
    void whenKilledUnderLoad_thenEveryAcknowledgedEventIsThereOnceAndInOrder(@TempDir Path folder)
        throws Exception {
      emulated(folder, EmulatorProfile.TDX, List.of("rtmr0", "rtmr2", "rtmr3")).run(KILLS / 2);
    }
  }

  @Nested
  @Execution(ExecutionMode.CONCURRENT)
  class GivenAnEmulatedTpm {
    @Test
    void whenKilledUnderLoad_thenEveryAcknowledgedEventIsThereOnceAndInOrder(@TempDir Path folder)
        throws Exception {
      emulated(folder, EmulatorProfile.TPM, List.of("pcr8", "pcr14", "pcr16", "pcr23"))
          .run(KILLS - KILLS / 2);
    }
  }

  /** Half of the kills, so that the other half can run beside it. */
  @Nested
  @Execution(ExecutionMode.CONCURRENT)
  class GivenASoftwareTpm {
    @Test
    void whenKilledUnderLoad_thenEveryAcknowledgedEventIsThereOnceAndInOrder(@TempDir Path folder)
        throws Exception {
      killWithSoftwareTpm(folder, TPM_KILLS / 2);
    }
  }

  @Nested
  @Execution(ExecutionMode.CONCURRENT)
  class GivenAnotherSoftwareTpm {
    @Test
    void whenKilledUnderLoad_thenEveryAcknowledgedEventIsThereOnceAndInOrder(@TempDir Path folder)
        throws Exception {
      killWithSoftwareTpm(folder, TPM_KILLS - TPM_KILLS / 2);
    }
  }

  private static CrashRounds emulated(
      Path folder, EmulatorProfile profile, List<String> registers) {
    return new CrashRounds(
        folder,
        Daemon.Setup.emulator(folder.resolve("state"), profile.profileName()),
        new Audit(profile),
        registers);
  }

  private static void killWithSoftwareTpm(Path folder, int kills) throws Exception {
    List<String> registers = List.of("pcr8", "pcr14", "pcr16");
    try (Swtpm swtpm = Swtpm.start()) {
      new CrashRounds(
              folder,
              Daemon.Setup.tpm(folder.resolve("state"), swtpm.address(), registers),
              new Audit(registers, DigestSet.filled(Swtpm.BANKS, 0)),
              registers)
          .run(kills);
    }
  }
}
