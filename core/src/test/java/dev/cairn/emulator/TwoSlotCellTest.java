package dev.cairn.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoSlotCellTest {
  private static final int SMALL = 20;
  private static final int LARGE = 1 << 20; // most of a change is then its copy: kills hit it
  private static final int KILLS = 10;
  private static final int LONGEST_LIFE_MS = 60;

  @TempDir Path directory;

  @Test
  void whenStored_thenItIsLoadedAndTheUpperHalfIsBesideIt() {
    TwoSlotCell cell = small();
    byte[] loaded = new byte[SMALL];

    cell.store(5, filled(SMALL, 1));
    cell.store(6, filled(SMALL, 2));

    assertThat(cell.load(loaded)).isTrue();
    assertThat(loaded).isEqualTo(filled(SMALL, 2));
    assertThat(cell.word()).isEqualTo(6L << 32 | 2);
  }

  @Test
  void whenTheCountWraps_thenTheUpperHalfIsUntouched() {
    ByteBuffer file = ByteBuffer.allocateDirect(TwoSlotCell.sizeBytes(SMALL));
    file.putLong(0, 5L << 32 | 0xFFFF_FFFFL);
    TwoSlotCell cell = new TwoSlotCell(file, 0, SMALL);

    cell.store(5, filled(SMALL, 1));

    assertThat(cell.word()).isEqualTo(5L << 32);
    assertThat(cell.load(new byte[SMALL])).isTrue();
  }

  @Test
  void whenTheProcessIsKilledInTheMiddleOfAChange_thenTheValueBeforeItIsWhole() throws Exception {
    Path path = directory.resolve("cell");
    Files.write(path, new byte[TwoSlotCell.sizeBytes(LARGE)]);
    Random random = new Random(20261122);
    for (int kill = 0; kill < KILLS; kill++) {
      killAfter(random.nextInt(LONGEST_LIFE_MS), path);

      TwoSlotCell cell = new TwoSlotCell(map(path), 0, LARGE);
      byte[] loaded = new byte[LARGE];
      assertThat(cell.load(loaded)).as("kill %d: checksum", kill).isTrue();
      assertThat(loaded).as("kill %d", kill).isEqualTo(filled(LARGE, (int) cell.word()));
    }
  }

  private static TwoSlotCell small() {
    return new TwoSlotCell(ByteBuffer.allocateDirect(TwoSlotCell.sizeBytes(SMALL)), 0, SMALL);
  }

  private static byte[] filled(int length, int filler) {
    byte[] payload = new byte[length];
    Arrays.fill(payload, (byte) filler);
    return payload;
  }

  private static MappedByteBuffer map(Path path) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return file.map(FileChannel.MapMode.READ_WRITE, 0, file.size());
    }
  }

  private static void killAfter(int millis, Path path) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Changer.class.getName(),
                path.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = process.inputReader()) {
      assertThat(output.readLine()).isEqualTo("changing");
      process.waitFor(millis, TimeUnit.MILLISECONDS); // it never ends by itself
      assertThat(process.isAlive()).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** The process that is killed: fills the cell with the low byte of the number of the change. */
  static final class Changer {
    private Changer() {}

    public static void main(String[] arguments) throws IOException {
      TwoSlotCell cell = new TwoSlotCell(map(Path.of(arguments[0])), 0, LARGE);
      cell.store(0, filled(LARGE, (int) cell.word() + 1));
      System.out.println("changing");
      while (true) {
        cell.store(0, filled(LARGE, (int) cell.word() + 1));
      }
    }
  }
}
