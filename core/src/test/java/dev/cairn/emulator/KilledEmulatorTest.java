package dev.cairn.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process extends as fast as it can and is killed; what it leaves is always a whole extend. */
class KilledEmulatorTest {
  private static final int KILLS = 30;
  private static final int LONGEST_LIFE_MS = 40;
  private static final int MOST_EXTENDS_PER_LIFE = 500_000;
  private static final RegisterId PCR14 = RegisterId.pcr(14);

  @TempDir Path directory;

  private final Hasher hasher = new Hasher();

  @Test
  void whenKilledManyTimes_thenAllBanksHoldTheSamePrefix() throws Exception {
    Path path = directory.resolve("registers");
    Random random = new Random(20261122);
    DigestSet replayed = DigestSet.filled(EmulatorProfile.TPM.banks(), 0);
    long seen = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      killAfter(random.nextInt(LONGEST_LIFE_MS), path, seen);

      DigestSet found = readOnce(path);
      long first = seen;
      while (!replayed.equals(found)) {
        assertThat(seen - first)
            .as("kill %d: %s is no prefix of the extends after %d", kill, found, first)
            .isLessThan(MOST_EXTENDS_PER_LIFE);
        replayed = hasher.extend(replayed, digests(hasher, seen++));
      }
    }
    assertThat(seen).as("extends in %d lives", KILLS).isGreaterThan(KILLS);
  }

  private static DigestSet readOnce(Path path) throws BackendException {
    try (EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path)) {
      return emulator.read(PCR14);
    }
  }

  private static void killAfter(int millis, Path path, long next) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Extender.class.getName(),
                path.toString(),
                Long.toString(next))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = process.inputReader()) {
      assertThat(output.readLine()).isEqualTo("extending");
      assertThatThrownBy(() -> EmulatorBackend.open(EmulatorProfile.TPM, path))
          .as("while another process has the registers")
          .hasMessageContaining("is in use");
      process.waitFor(millis, TimeUnit.MILLISECONDS); // it never ends by itself
      assertThat(process.isAlive()).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static DigestSet digests(Hasher hasher, long number) {
    byte[] event = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    return hasher.hash(EmulatorProfile.TPM.banks(), Bytes.owning(event));
  }

  /** The process that is killed. Arguments: register file, number of the first event. */
  static final class Extender {
    private Extender() {}

    public static void main(String[] arguments) throws BackendException, IOException {
      Hasher hasher = new Hasher();
      EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, Path.of(arguments[0]));
      System.out.println("extending");
      for (long number = Long.parseLong(arguments[1]); ; number++) {
        emulator.extend(PCR14, digests(hasher, number));
      }
    }
  }
}
