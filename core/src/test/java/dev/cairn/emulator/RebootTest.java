package dev.cairn.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RebootTest {
  private static final RegisterId PCR14 = RegisterId.pcr(14);
  private static final RegisterId PCR16 = RegisterId.pcr(16);
  private static final DigestSet DIGESTS = DigestSet.filled(EmulatorProfile.TPM.banks(), 7);

  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void place() {
    path = directory.resolve("registers");
  }

  @Nested
  class GivenAnExtendedRegister {
    private RegisterLife before;
    private DigestSet value;

    @BeforeEach
    void extend() throws Exception {
      try (EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path)) {
        emulator.extend(PCR14, DIGESTS);
        before = emulator.life();
        value = emulator.read(PCR14);
      }
    }

    @ParameterizedTest
    @CsvSource({ // registers kept, same boot id, reset count, restart count
      "COLD, false, false, 1, 0",
      "KEXEC, true, false, 0, 0",
      "HIBERNATION, false, true, 0, 1",
    })
    void whenRebooted_thenRegistersAndLifeAreThoseOfItsKind(
        RebootKind kind, boolean kept, boolean sameBoot, int resets, int restarts)
        throws Exception {
      RegisterLife after = EmulatorBackend.reboot(path, kind);

      try (EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path)) {
        assertThat(emulator.life()).isEqualTo(after);
        assertThat(emulator.read(PCR14))
            .isEqualTo(kept ? value : DigestSet.filled(EmulatorProfile.TPM.banks(), 0));
      }
      assertThat(after.bootId().equals(before.bootId())).isEqualTo(sameBoot);
      assertThat(after.resetCount().orElseThrow())
          .isEqualTo(before.resetCount().orElseThrow() + resets);
      assertThat(after.restartCount().orElseThrow())
          .isEqualTo(before.restartCount().orElseThrow() + restarts);
    }

    @Test
    void whenExtendedAfterAColdBoot_thenTheOldValueHasNoPartInIt() throws Exception {
      EmulatorBackend.reboot(path, RebootKind.COLD);

      try (EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path)) {
        emulator.extend(PCR14, DIGESTS);
        assertThat(emulator.read(PCR14)).isEqualTo(value);
      }
    }

    @Test
    void whenTheMachineBelowWasBooted_thenItIsAColdBoot() throws Exception {
      makeItOfAnotherHostBoot();

      try (EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path)) {
        assertThat(emulator.read(PCR14))
            .isEqualTo(DigestSet.filled(EmulatorProfile.TPM.banks(), 0));
        assertThat(emulator.life().resetCount().orElseThrow())
            .isEqualTo(before.resetCount().orElseThrow() + 1);
      }
    }

    private void makeItOfAnotherHostBoot() throws Exception {
      ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(path));
      TwoSlotCell cell =
          new TwoSlotCell(image, RegisterFileLayout.LIFE_AT, RegisterFileLayout.LIFE_BYTES);
      byte[] life = new byte[RegisterFileLayout.LIFE_BYTES];
      assertThat(cell.load(life)).isTrue();
      life[RegisterFileLayout.HOST_BOOT] ^= 1;
      cell.store(0, life);
      Files.write(path, image.array());
    }
  }

  @Test
  void whenTheRegistersAreOpen_thenARebootIsRefused() throws Exception {
    EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path);

    assertThatThrownBy(() -> EmulatorBackend.reboot(path, RebootKind.COLD))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("is in use");
    emulator.close();
  }

  @Test
  void whenThereIsNoFile_thenARebootIsRefusedAndMakesNone() {
    assertThatThrownBy(() -> EmulatorBackend.reboot(path, RebootKind.COLD))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("is not there");
    assertThat(path).doesNotExist();
  }

  @Test
  void whenAResettablePcrIsReset_thenItIsZeroAndCanBeExtendedAgain() throws Exception {
    try (EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path)) {
      emulator.extend(PCR16, DIGESTS);
      DigestSet once = emulator.read(PCR16);

      emulator.reset(PCR16);

      assertThat(emulator.read(PCR16).get(HashAlgorithm.SHA256).orElseThrow().value())
          .isEqualTo(Bytes.filled(32, 0));
      emulator.extend(PCR16, DIGESTS);
      assertThat(emulator.read(PCR16)).isEqualTo(once);
    }
  }

  @Test
  void whenAnotherPcrIsReset_thenNotExecuted() throws Exception {
    try (EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path)) {
      emulator.extend(PCR14, DIGESTS);
      DigestSet once = emulator.read(PCR14);

      BackendException refusal =
          catchThrowableOfType(BackendException.class, () -> emulator.reset(PCR14));

      assertThat(refusal.outcome()).isEqualTo(BackendException.Outcome.NOT_EXECUTED);
      assertThat(emulator.read(PCR14)).isEqualTo(once);
    }
  }
}
