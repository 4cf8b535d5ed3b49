package dev.cairn.tests;

import static dev.cairn.tests.Workload.assertDiverged;
import static dev.cairn.tests.Workload.register;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The device fails, is reset, or is extended by somebody else, as fault scripts say. */
class EmulatorFaultIT {
  private static final List<String> REGISTERS = List.of("rtmr1", "rtmr2");

  private final Audit audit = new Audit(EmulatorProfile.TDX);
  private final Workload clients = new Workload(audit, REGISTERS);

  @TempDir Path folder;

  private Daemon.Setup setup() {
    return Daemon.Setup.emulator(folder.resolve("state"), "tdx");
  }

  /** Returns a setup whose emulator plays {@code script}, a fault in each line. */
  private Daemon.Setup faulty(String... script) throws IOException {
    Path file = folder.resolve("faults");
    Files.write(file, List.of(script));
    return setup().with("--emulator-faults", file.toString());
  }

  @Nested
  class GivenExtendsWithoutAReply {
    @ParameterizedTest
    @ValueSource(strings = {"lose-reply", "lose-command", "delay 5ms"})
    void whenClientsExtend_thenEachEventIsAcknowledgedAndExtendedOnce(String action)
        throws Exception {
      try (Daemon daemon = faulty("on extend every 7: " + action).start()) {
        List<Attempt> attempts = clients.extend(daemon, 200);

        assertThat(attempts).allMatch(Attempt::acknowledged);
        audit.checkWhole(daemon);
      }
    }
  }

  @Nested
  class GivenExtendsThatTheDeviceRefuses {
    @Test
    void whenClientsExtend_thenTheRefusedEventsAreNowhereAlsoAfterAKill() throws Exception {
      Daemon.Setup setup = faulty("on extend every 7: refuse");
      try (Daemon daemon = setup.start()) {
        List<Attempt> attempts = clients.extend(daemon, 200);

        assertThat(attempts)
            .filteredOn(attempt -> !attempt.acknowledged())
            .isNotEmpty()
            .allMatch(attempt -> attempt.refusal.problem().equals("backend-refused"));
        audit.checkWhole(daemon);
      }
      try (Daemon daemon = setup.start()) {
        audit.checkWhole(daemon);
      }
    }
  }

  @Nested
  class GivenADeviceThatIsSlow {
    @Test
    void whenAnExtendTakesSeconds_thenOtherRequestsAreAnsweredMeanwhile() throws Exception {
      try (Daemon daemon = faulty("on extend 1: delay 3s").start();
          Connection slow = daemon.connect()) {
        slow.send(
            "POST /v1/registers/rtmr2/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                + "content-length: 44\r\n\r\n{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\"}");
        await().until(() -> daemon.get("/metrics").text().contains("cairn_queue_events"));

        long began = System.nanoTime();
        assertThat(daemon.get("/livez").status()).isEqualTo(200);
        assertThat(daemon.get("/v1/log").bytes()).isEmpty();
        long answered = System.nanoTime();

        assertThat(slow.receive().status()).isEqualTo(201);
        assertThat(answered - began).isLessThan(System.nanoTime() - answered);
      }
    }
  }

  @Nested
  class GivenSomebodyElseWhoExtends {
    @ParameterizedTest
    @ValueSource(strings = {"foreign-before random 1", "foreign-after random 1"})
    void whenItHappens_thenThatRegisterIsRefusedAndTheOthersGoOn(String action) throws Exception {
      try (Daemon daemon = faulty("on extend of rtmr2 2: " + action).start()) {
        assertThat(clients.extend(daemon, "rtmr2").status()).isEqualTo(201);
        clients.assertRefusedAsDiverged(daemon, "rtmr2");
        clients.assertRefusedAsDiverged(daemon, "rtmr2");

        assertDiverged(daemon, "rtmr2", "changed by somebody else");
        assertThat(daemon.get("/metrics").text())
            .contains("cairn_register_state{register=\"rtmr2\",state=\"DIVERGED\"} 1\n")
            .contains("cairn_register_state{register=\"rtmr1\",state=\"OK\"} 1\n");
        assertThat(clients.extend(daemon, "rtmr1").status()).isEqualTo(201);
        assertThat(daemon.get("/readyz").status()).isEqualTo(200);
      }
      try (Daemon daemon = setup().start()) {
        clients.assertRefusedAsDiverged(daemon, "rtmr2");
        assertThat(clients.extend(daemon, "rtmr1").status()).isEqualTo(201);
      }
    }

    @Test
    void whenEveryRegisterIsHit_thenTheServiceIsNotReady() throws Exception {
      try (Daemon daemon = faulty("on extend 1..4: foreign-after random 1").start()) {
        for (int ordinal = 0; ordinal < 4; ordinal++) {
          clients.assertRefusedAsDiverged(daemon, "rtmr" + ordinal);
        }

        Response readiness = daemon.get("/readyz");
        assertThat(readiness.status()).isEqualTo(503);
        assertThat(readiness.problem()).isEqualTo("not-ready");
        assertThat(daemon.get("/livez").status()).isEqualTo(200);
        assertThat(daemon.get("/metrics").text()).contains("cairn_ready 0\n");
      }
    }

    @Test
    void whenItHappensWhileTheDaemonIsDown_thenItIsFoundAtTheStart() throws Exception {
      byte[] before = clients.runAndStop(setup());
      try (EmulatorBackend machine = EmulatorBackend.open(EmulatorProfile.TDX, registers())) {
        machine.extend(
            RegisterId.rtmr(2), DigestSet.of(HashAlgorithm.SHA384.hash(Bytes.copyOf(new byte[1]))));
      }
      try (Daemon daemon = setup().start()) {
        assertDiverged(daemon, "rtmr2", "changed by somebody else");
        clients.assertRefusedAsDiverged(daemon, "rtmr2");
        assertThat(clients.extend(daemon, "rtmr1").status()).isEqualTo(201);
        assertThat(audit.wholeLog(daemon)).startsWith(before);
      }
    }
  }

  @Nested
  class GivenRegistersThatLoseEvents {
    @Test
    void whenOneIsResetWhileTheDaemonIsDown_thenItIsFoundAtTheStart() throws Exception {
      byte[] before = clients.runAndStop(setup());
      try (Daemon daemon = faulty("on read of rtmr2 1: reset rtmr2").start()) {
        assertDiverged(daemon, "rtmr2", "reset");
        clients.assertRefusedAsDiverged(daemon, "rtmr2");
        assertThat(clients.extend(daemon, "rtmr1").status()).isEqualTo(201);
        assertThat(audit.wholeLog(daemon)).startsWith(before);
      }
    }

    @Test
    void whenTheMachineIsRolledBackToASnapshot_thenItIsFoundAtTheStart() throws Exception {
      clients.runAndStop(setup());
      byte[] snapshot = Files.readAllBytes(registers());
      byte[] before = clients.runAndStop(setup());
      Files.write(registers(), snapshot);
      try (Daemon daemon = setup().start()) {
        assertDiverged(daemon, "rtmr1", "rolled back");
        assertDiverged(daemon, "rtmr2", "rolled back");
        assertThat(clients.extend(daemon, "rtmr3").status()).isEqualTo(201);
        assertThat(audit.wholeLog(daemon)).startsWith(before);
      }
    }
  }

  @Nested
  class GivenAReboot {
    @Test
    void whenTheRegistersAreKept_thenTheEpochGoesOn() throws Exception {
      byte[] before = clients.runAndStop(setup());
      reboot("kexec");
      try (Daemon daemon = setup().start()) {
        clients.extend(daemon, 20);

        audit.checkWhole(daemon); // which wants the same epoch, and record numbers that go on
        assertThat(audit.wholeLog(daemon)).startsWith(before);
      }
      assertThat(epochs()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cold", "s4"})
    void whenTheRegistersAreReset_thenANewEpochBeginsAndTheOldOneStays(String kind)
        throws Exception {
      byte[] before = clients.runAndStop(setup());
      Path old = epochs().get(0);
      reboot(kind);
      try (Daemon daemon = setup().start()) {
        assertThat(audit.wholeLog(daemon)).isEmpty();
        assertThat(clients.extend(daemon, "rtmr2").json()).containsEntry("recnum", 0L);
        assertThat(register(daemon, "rtmr2")).containsEntry("state", "OK");
        assertThat(epochs()).hasSize(2).contains(old);
        assertThat(old.resolve("00000000000000000000.cel")).hasBinaryContent(before);
      }
    }

    private void reboot(String kind) throws Exception {
      Cairn.Ended reboot =
          Cairn.run("emulator", "reboot", kind, "--state", setup().state().toString());
      assertThat(reboot.status()).as(reboot.toString()).isZero();
    }

    private List<Path> epochs() throws IOException {
      try (Stream<Path> epochs = Files.list(setup().state().resolve("epochs"))) {
        return epochs.sorted().toList();
      }
    }
  }

  /** Where the emulated machine keeps its registers while the daemon is down. */
  private Path registers() {
    return setup().state().resolve("emulator.registers");
  }
}
