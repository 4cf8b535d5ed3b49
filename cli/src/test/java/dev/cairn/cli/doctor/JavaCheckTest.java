package dev.cairn.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.cli.doctor.Finding.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaCheckTest {
  @TempDir Path home;

  @Test
  void whenJavaIsTooOld_thenTheNeedIsNamed() {
    Finding version = JavaCheck.look(11, "mixed mode", home, false).get(0);

    assertThat(version.level()).isEqualTo(Level.BAD);
    assertThat(version.text()).contains("11", "17");
  }

  @Test
  void whenTheArchiveIsInUse_thenThatIsGood() {
    assertThat(JavaCheck.look(17, "mixed mode, sharing", home, true).get(1).level())
        .isEqualTo(Level.GOOD);
  }

  @Test
  void whenTheArchiveIsThereAndNotUsed_thenItDoesNotFit() throws Exception {
    Files.createFile(home.resolve("cairn.jsa"));

    assertThat(JavaCheck.look(17, "mixed mode, sharing", home, false).get(1).text())
        .contains("does not fit");
  }

  @Test
  void whenTheArchiveIsMissing_thenTheRemedyIsNamed() {
    assertThat(JavaCheck.look(17, "mixed mode", home, false).get(1).text())
        .contains("is not there", "make-archive");
  }
}
