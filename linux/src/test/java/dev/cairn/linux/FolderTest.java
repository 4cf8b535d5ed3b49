package dev.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTest {
  @TempDir Path parent;

  @Test
  void given_no_such_folder_when_made_then_it_is_there_for_its_owner_alone() throws Exception {
    Path folder = parent.resolve("entry");

    Folder.make(folder);

    assertThat(folder).isEmptyDirectory();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
  }

  @Test
  void given_a_folder_when_made_again_then_EEXIST() {
    assertThatThrownBy(() -> Folder.make(parent))
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST))
        .hasMessageContaining("mkdir");
  }

  @Test
  void given_a_folder_when_removed_then_it_is_gone_and_then_ENOENT() throws Exception {
    Path folder = Files.createDirectory(parent.resolve("entry"));

    Folder.remove(folder);

    assertThat(folder).doesNotExist();
    assertThatThrownBy(() -> Folder.remove(folder))
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
        .hasMessageContaining("rmdir");
  }
}
