package dev.cairn.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.cel.CelTlv;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An emulated TDX guest, and what a daemon in it needs. */
abstract class TdxFixture {
  static final List<String> REGISTERS = List.of("rtmr2", "rtmr3");
  static final DigestSet RESET = DigestSet.filled(List.of(HashAlgorithm.SHA384), 0);

  private static final int FIRST = 2;

  Audit audit = new Audit(REGISTERS, RESET);
  Workload clients = new Workload(audit, REGISTERS);
  EmulatedKernel kernel;

  @TempDir Path folder;

  /** What the kernel was built with. */
  abstract Offer[] offers();

  @BeforeEach
  void startKernel() throws IOException {
    kernel = EmulatedKernel.start(Files.createDirectory(folder.resolve("kernel")), offers());
  }

  @AfterEach
  void stopKernel() throws IOException {
    kernel.close();
  }

  Daemon.Setup setup() {
    return Daemon.Setup.tdx(folder.resolve("state"), kernel);
  }

  /** Begins to audit a new epoch. */
  void newEpoch() {
    audit = new Audit(REGISTERS, RESET);
    clients = new Workload(audit, REGISTERS);
  }

  List<Path> epochs() throws IOException {
    try (Stream<Path> epochs = Files.list(setup().state().resolve("epochs"))) {
      return epochs.sorted().toList();
    }
  }

  /** Compares log and registers, and what the hardware was told, one by one. */
  void checkAll(Daemon daemon) throws IOException {
    audit.checkWhole(daemon);
    assertExtendedAsLogged(kernel, audit.wholeLog(daemon));
  }

  /** Checks that the hardware was extended with the digests of {@code log} and no others. */
  static void assertExtendedAsLogged(EmulatedKernel kernel, byte[] log) throws IOException {
    for (int i = 0; i < REGISTERS.size(); i++) {
      List<Bytes> extended =
          kernel.hardware().extended(FIRST + i).stream().map(Bytes::copyOf).toList();
      assertThat(extended).as(REGISTERS.get(i)).isEqualTo(digests(log, REGISTERS.get(i)));
    }
  }

  private static List<Bytes> digests(byte[] log, String register) throws IOException {
    List<Bytes> digests = new ArrayList<>();
    EventReader reader = CelTlv.reader(new ByteArrayInputStream(log), Limits.DEFAULT);
    for (EventRecord record = reader.next(); record != null; record = reader.next()) {
      boolean extended = record.content() instanceof PcClientEvent event && event.measured();
      if (extended && record.register().name().equals(register)) {
        digests.add(record.digests().at(0).value());
      }
    }
    return digests;
  }
}
