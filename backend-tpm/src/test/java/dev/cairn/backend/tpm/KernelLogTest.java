package dev.cairn.backend.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.ForeignLog;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelLogTest {
  @TempDir Path folder;

  private static List<KernelLog> logs(String... settings) throws Exception {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      map.put(settings[i], settings[i + 1]);
    }
    return TpmSettings.of(map, Path.of("/dev")).logs();
  }

  @Test
  void given_a_device_when_asked_then_the_kernel_s_places_of_that_chip() throws Exception {
    assertThat(logs("tpm", "device:/dev/tpmrm1"))
        .extracting(KernelLog::origin, KernelLog::location)
        .containsExactly(
            tuple(ForeignLog.Origin.FIRMWARE, "/sys/kernel/security/tpm1/binary_bios_measurements"),
            tuple(ForeignLog.Origin.IMA, "/sys/kernel/security/ima/binary_runtime_measurements"),
            tuple(ForeignLog.Origin.SYSTEMD, "/run/log/systemd/tpm2-measure.log"));
    assertThat(logs("tpm", "sysfs:/sys/class/tpm/tpm2").get(0).location()).contains("/tpm2/");
  }

  @Test
  void given_logs_when_asked_for_their_formats_then_they_are_known_ones() throws Exception {
    assertThat(logs("tpm", "device:/dev/tpm0"))
        .extracting(log -> LogFormat.ofLabel(log.format()).orElseThrow())
        .containsExactly(LogFormat.TCG2, LogFormat.IMA, LogFormat.SYSTEMD);
  }

  @Test
  void given_a_socket_when_asked_then_no_logs_of_another_TPM_but_those_named() throws Exception {
    assertThat(logs("tpm", "unix:/run/swtpm/s")).isEmpty();
    assertThat(logs("tpm", "unix:/run/swtpm/s", "sysfs-root", "/x"))
        .extracting(KernelLog::location)
        .containsExactly(
            "/x/kernel/security/tpm0/binary_bios_measurements",
            "/x/kernel/security/ima/binary_runtime_measurements");
    assertThat(logs("tpm", "tcp:localhost:2321", "systemd-log", "/x.log"))
        .extracting(KernelLog::location)
        .containsExactly("/x.log");
  }

  @Test
  void given_a_log_when_opened_then_its_bytes_and_a_missing_one_is_said() throws Exception {
    Path file = folder.resolve("kernel/security/tpm0/binary_bios_measurements");
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[] {1, 2, 3});
    List<KernelLog> logs = logs("tpm", "unix:/s", "sysfs-root", folder.toString());

    try (InputStream in = logs.get(0).open()) {
      assertThat(in.readAllBytes()).containsExactly(1, 2, 3);
    }
    assertThatThrownBy(() -> logs.get(1).open()).isInstanceOf(NoSuchFileException.class);
  }
}
