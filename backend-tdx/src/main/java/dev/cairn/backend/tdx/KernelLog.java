package dev.cairn.backend.tdx;

import dev.cairn.measure.ForeignLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A log that firmware, kernel or systemd keep in a TDX guest.
 *
 * <pre>
 * CCEL           what firmware, boot loader and EFI stub extended into RTMR 0 to 2
 * IMA            the kernel's list; no kernel extends it into an RTMR
 * cc-measure.log what systemd extended into RTMRs, where it can
 * </pre>
 *
 * @param origin who keeps it
 * @param path where it is
 * @param format as {@code eventlog.LogFormat} spells it
 * @see "Linux drivers/acpi/sysfs.c, security/integrity/ima; systemd pull request 43041"
 */
record KernelLog(Origin origin, Path path, String format) implements ForeignLog {
  static List<KernelLog> of(TdxSettings settings) {
    Path sysfs = settings.paths().sysfs();
    return List.of(
        new KernelLog(Origin.FIRMWARE, sysfs.resolve("firmware/acpi/tables/data/CCEL"), "tcg2"),
        new KernelLog(
            Origin.IMA, sysfs.resolve("kernel/security/ima/binary_runtime_measurements"), "ima"),
        new KernelLog(Origin.SYSTEMD, settings.systemdLog(), "systemd"));
  }

  @Override
  public String location() {
    return path.toString();
  }

  @Override
  public InputStream open() throws IOException {
    return Files.newInputStream(path);
  }
}
