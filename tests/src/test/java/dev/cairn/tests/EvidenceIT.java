package dev.cairn.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.evidence.Trust;
import dev.cairn.measure.RegisterId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Evidence while writers go on: {@code -Dcairn.evidence-seconds=60} for a minute each, 5 s if not
 * given.
 */
class EvidenceIT {
  private static final int WRITERS = 8;
  private static final int READERS = 4;
  private static final Duration TIME =
      Duration.ofSeconds(Integer.getInteger("cairn.evidence-seconds", 5));
  private static final long SEED = Long.getLong("cairn.seed", System.nanoTime());

  @TempDir Path folder;

  private static Set<RegisterId> ids(List<String> registers) {
    return registers.stream()
        .map(name -> RegisterId.parse(name).orElseThrow())
        .collect(Collectors.toSet());
  }

  /** Every writer and every reader gets on; every evidence verifies. */
  private void underLoad(
      Daemon.Setup setup, List<String> registers, boolean allowUnsigned, Trust trust)
      throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    try (Daemon daemon = setup.start()) {
      Load load = Load.start(daemon, "evidence", WRITERS, registers, random.split());
      EvidenceReaders readers =
          EvidenceReaders.start(
              daemon, folder, READERS, ids(registers), allowUnsigned, trust, random.split());
      Thread.sleep(TIME.toMillis());
      readers.await(2 * READERS);
      readers.stop();
      List<Attempt> attempts = load.stop();

      System.out.printf(
          "%d events acknowledged, %d evidences verified, %d asked twice, longest log %d records%n",
          load.acknowledged(), readers.verified(), readers.retried(), readers.longest());
      assertThat(load.refused()).as("-Dcairn.seed=%d", SEED).isZero();
      assertThat(load.acknowledged()).isEqualTo(attempts.size()).isPositive();
    }
  }

  @Test
  void givenTheEmulatorOfATdxGuest_whenWritersGoOn_thenEveryEvidenceVerifies() throws Exception {
    List<String> registers = List.of("rtmr0", "rtmr1", "rtmr2", "rtmr3");

    underLoad(
        Daemon.Setup.emulator(folder.resolve("state"), "tdx"), registers, true, Trust.DEFAULT);
  }

  @Test
  void givenASoftwareTpm_whenWritersGoOn_thenEveryEvidenceVerifies() throws Exception {
    List<String> registers = List.of("pcr8", "pcr14");
    try (Swtpm swtpm = Swtpm.start()) {
      underLoad(
          Daemon.Setup.tpm(folder.resolve("state"), swtpm.address(), registers),
          registers,
          false,
          Trust.DEFAULT);
    }
  }

  @Test
  void givenAnEmulatedTdxGuest_whenWritersGoOn_thenEveryEvidenceVerifies() throws Exception {
    Path point = Files.createDirectory(folder.resolve("kernel"));
    try (EmulatedKernel kernel =
        EmulatedKernel.start(point, Offer.SYSFS, Offer.DEVICE, Offer.REPORTS)) {
      Trust itsMaker = new Trust(List.of(kernel.tdxReports().rootCertificate()), Clock.systemUTC());
      underLoad(
          Daemon.Setup.tdx(folder.resolve("state"), kernel), TdxFixture.REGISTERS, false, itsMaker);
    }
  }
}
