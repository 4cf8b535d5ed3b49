package dev.cairn.tests;

import dev.cairn.emulator.EmulatorProfile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Kills the daemon again and again while clients extend, and holds it to the promise after each
 * kill. {@code -Dcairn.kills=N} says how often, over both profiles.
 */
@Execution(ExecutionMode.CONCURRENT)
class CrashIT {
  private static final int KILLS = Integer.getInteger("cairn.kills", 300);

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

  private static CrashRounds emulated(
      Path folder, EmulatorProfile profile, List<String> registers) {
    return new CrashRounds(
        folder,
        Daemon.Setup.emulator(folder.resolve("state"), profile.profileName()),
        new Audit(profile),
        registers);
  }
}
