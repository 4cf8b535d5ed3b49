package dev.cairn.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegisterFileTest {
  private static final RegisterId PCR0 = RegisterId.pcr(0);
  private static final DigestSet DIGESTS = DigestSet.filled(EmulatorProfile.TPM.banks(), 7);

  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void place() {
    path = directory.resolve("registers");
  }

  @Test
  void whenMade_thenOthersMayNotReadIt() throws Exception {
    EmulatorBackend.open(EmulatorProfile.TDX, path).close();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void whenItsDirectoryIsMissing_thenThatIsSaid() {
    path = directory.resolve("missing").resolve("registers");

    assertThat(refusal(EmulatorProfile.TDX)).hasMessageContaining("its directory is not there");
  }

  @Test
  void whenItWasKilledWhileMakingIt_thenItIsMade() throws Exception {
    Files.write(path, new byte[1000]);

    EmulatorBackend.open(EmulatorProfile.TPM, path).close();

    assertThat(Files.size(path)).isEqualTo(RegisterFileLayout.fileBytes(EmulatorProfile.TPM));
  }

  @Test
  void whenItIsSomethingElse_thenItIsRefusedAndNotTouched() throws Exception {
    Files.writeString(path, "127.0.0.1 localhost\n");

    assertThat(refusal(EmulatorProfile.TDX)).hasMessageContaining("is not a register file");
    assertThat(path).hasContent("127.0.0.1 localhost\n");
  }

  @Test
  void whenOpenedTwiceInOneProcess_thenTheSecondIsRefusedAlsoThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), path);
    EmulatorBackend first = EmulatorBackend.open(EmulatorProfile.TDX, path);

    assertThat(refusal(EmulatorProfile.TDX)).hasMessageContaining("is in use");
    assertThat(refusalOf(link, EmulatorProfile.TDX)).hasMessageContaining("is in use");
    first.close();
    EmulatorBackend.open(EmulatorProfile.TDX, link).close();
  }

  @Nested
  class GivenAnExtendedRegister {
    private byte[] image;

    @BeforeEach
    void extend() throws Exception {
      try (EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path)) {
        emulator.extend(PCR0, DIGESTS);
      }
      image = Files.readAllBytes(path);
    }

    @Test
    void whenTheLayoutTableIsFollowed_thenTheValueIsThere() throws Exception {
      ByteBuffer file = ByteBuffer.wrap(image);

      assertThat(new String(image, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("CAIRNREG");
      assertThat(file.getInt(8)).isEqualTo(1);
      assertThat(new String(image, 16, 3, StandardCharsets.US_ASCII)).isEqualTo("tpm");
      assertThat(file.getLong(256)).isEqualTo(1L << 32 | 1); // generation 1, change 1: slot 1
      byte[] sha1 = new byte[20];
      file.get(256 + 8 + 176, sha1); // a slot: 164 bytes of four banks, 4 of padding, checksum
      try (EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path)) {
        assertThat(sha1).isEqualTo(emulator.read(PCR0).at(0).value().toArray());
      }
    }

    @Test
    void whenOpenedAsAnotherProfile_thenBothAreNamed() {
      assertThat(refusal(EmulatorProfile.TDX)).hasMessageContaining("is of profile tpm, not tdx");
    }

    @Test
    void whenItIsShort_thenBothLengthsAreNamed() throws Exception {
      Files.write(path, java.util.Arrays.copyOf(image, 5000));

      assertThat(refusal(EmulatorProfile.TPM)).hasMessageContaining("5000 bytes, needs");
    }

    @Test
    void whenTheVersionIsAnother_thenBothAreNamed() throws Exception {
      image[11] = 2;
      Files.write(path, image);

      assertThat(refusal(EmulatorProfile.TPM))
          .hasMessageContaining("version 2, this is for version 1");
    }

    @Test
    void whenAnyUsedByteIsFlipped_thenItIsRefused() throws Exception {
      int[][] used = { // from, to: header, life word and slot 1, word and slot 1 of pcr0
        {0, 32}, {32, 40}, {40 + 64, 40 + 128}, {256, 264}, {264 + 176, 264 + 2 * 176}
      };
      for (int[] range : used) {
        for (int at = range[0]; at < range[1]; at++) {
          byte[] damaged = image.clone();
          damaged[at] ^= 0x40;
          Files.write(path, damaged);
          assertThat(refusal(EmulatorProfile.TPM)).as("byte %d", at).isNotNull();
        }
      }
    }

    /** As a kill between any two stores leaves it: parts of the slot are new, the word is old. */
    @Test
    void whenASecondExtendIsHalfDone_thenTheValueIsThatOfTheFirst() throws Exception {
      DigestSet first;
      try (EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path)) {
        first = emulator.read(PCR0);
        emulator.extend(PCR0, DIGESTS);
      }
      byte[] after = Files.readAllBytes(path);
      Random random = new Random(1);
      for (int i = 0; i < 50; i++) {
        byte[] torn = image.clone();
        for (int at = 264; at < torn.length; at++) {
          torn[at] = random.nextBoolean() ? after[at] : torn[at];
        }
        Files.write(path, torn);
        try (EmulatorBackend emulator = EmulatorBackend.open(EmulatorProfile.TPM, path)) {
          assertThat(emulator.read(PCR0)).isEqualTo(first);
        }
      }
    }
  }

  private BackendException refusal(EmulatorProfile profile) {
    return refusalOf(path, profile);
  }

  private static BackendException refusalOf(Path file, EmulatorProfile profile) {
    BackendException refusal =
        catchThrowableOfType(
            BackendException.class, () -> EmulatorBackend.open(profile, file).close());
    return refusal;
  }
}
