package dev.cairn.tests;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Kills the daemon again and again while clients extend the registers of an emulated TDX guest, and
 * holds it to the promise after each kill. The registers live in this process. {@code
 * -Dcairn.tdx-kills=N} says how often, over both interfaces.
 */
@Execution(ExecutionMode.CONCURRENT)
class TdxCrashIT {
  private static final int KILLS = Integer.getInteger("cairn.tdx-kills", 60);

  @Nested
  @Execution(ExecutionMode.CONCURRENT)
  class GivenSysfs {
    @Test
    void whenKilledUnderLoad_thenEveryAcknowledgedEventIsThereOnceAndInOrder(@TempDir Path folder)
        throws Exception {
      killWith(Offer.SYSFS, folder, KILLS / 2);
    }
  }

  @Nested
  @Execution(ExecutionMode.CONCURRENT)
  class GivenTheRfcConfigfs {
    @Test
    void whenKilledUnderLoad_thenEveryAcknowledgedEventIsThereOnceAndInOrder(@TempDir Path folder)
        throws Exception {
      killWith(Offer.RTMRS, folder, KILLS - KILLS / 2);
    }
  }

  private static void killWith(Offer offer, Path folder, int kills) throws Exception {
    Path point = Files.createDirectory(folder.resolve("kernel"));
    try (EmulatedKernel kernel = EmulatedKernel.start(point, offer)) {
      Daemon.Setup setup = Daemon.Setup.tdx(folder.resolve("state"), kernel);
      Audit audit = new Audit(TdxFixture.REGISTERS, TdxFixture.RESET);
      new CrashRounds(folder, setup, audit, TdxFixture.REGISTERS).run(kills);
      try (Daemon daemon = setup.start()) {
        TdxFixture.assertExtendedAsLogged(kernel, audit.wholeLog(daemon));
      }
    }
  }
}
