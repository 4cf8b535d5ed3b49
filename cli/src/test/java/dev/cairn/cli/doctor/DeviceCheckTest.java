package dev.cairn.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceCheckTest {
  @TempDir Path root;

  @Test
  void whenNothingIsThere_thenNothingIsWrong() {
    assertThat(DeviceCheck.look(root))
        .allMatch(finding -> finding.level() == Finding.Level.NOTE)
        .allMatch(finding -> finding.text().contains("not there"));
  }

  @Test
  void whenALogIsThere_thenTheCommandThatReadsItIsNamed() throws Exception {
    Path log = root.resolve("sys/firmware/acpi/tables/data/CCEL");
    Files.createDirectories(log.getParent());
    Files.createFile(log);

    assertThat(DeviceCheck.look(root)).anyMatch(finding -> finding.text().contains("cairn replay"));
  }
}
