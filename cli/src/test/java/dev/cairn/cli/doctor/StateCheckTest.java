package dev.cairn.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.cli.doctor.Finding.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateCheckTest {
  @TempDir Path folder;

  private static Finding about(String subject, List<Finding> findings) {
    return findings.stream()
        .filter(finding -> finding.subject().equals(subject))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing about " + subject + " in " + findings));
  }

  private Path withMode(String mode) throws IOException {
    return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
  }

  @Test
  void whenTheFolderIsPrivate_thenItIsGood() throws Exception {
    assertThat(about("folder", StateCheck.look(withMode("rwxr-x---"))).level())
        .isEqualTo(Level.GOOD);
  }

  @Test
  void whenEverybodyMayEnter_thenTheRemedyIsNamed() throws Exception {
    Finding finding = about("folder", StateCheck.look(withMode("rwxr-xr-x")));

    assertThat(finding.level()).isEqualTo(Level.WARNING);
    assertThat(finding.text()).contains("chmod 0750");
  }

  @Test
  void whenTheFolderIsMissing_thenThatIsNoFault() {
    Path missing = folder.resolve("a/b");

    assertThat(about("folder", StateCheck.look(missing)).level()).isEqualTo(Level.NOTE);
    assertThat(missing.getParent()).doesNotExist();
  }

  @Test
  void whenThePathIsAFile_thenItIsBad() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));

    assertThat(about("folder", StateCheck.look(file)).level()).isEqualTo(Level.BAD);
  }

  @Test
  void whenEpochsExist_thenTheNewestIsNamed() throws Exception {
    Files.createDirectories(folder.resolve("epochs/0000000000-aaaaaaaa"));
    Files.createDirectories(folder.resolve("epochs/0000000001-bbbbbbbb"));

    assertThat(about("epochs", StateCheck.look(folder)).text())
        .isEqualTo("2, newest 0000000001-bbbbbbbb");
  }

  @Test
  void whenNobodyHasTheLock_thenItIsFree() throws Exception {
    Files.createFile(folder.resolve("lock"));

    assertThat(about("lock", StateCheck.look(folder)).text()).startsWith("free");
  }
}
