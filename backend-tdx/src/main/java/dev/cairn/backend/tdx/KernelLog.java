package dev.cairn.backend.tdx;

import dev.cairn.backend.tdx.ccel.CcelLog;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.systemd.SystemdLog;
import dev.cairn.measure.ForeignLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A log that kernel or systemd keep in a TDX guest.
 *
 * <pre>
 * IMA            the kernel's list; no kernel extends it into an RTMR
 * cc-measure.log what systemd extended into RTMRs, where it can
 * </pre>
 *
 * @param origin who keeps it
 * @param path where it is
 * @param logFormat of it
 * @see "Linux security/integrity/ima; systemd pull request 43041"
 */
record KernelLog(Origin origin, Path path, LogFormat logFormat) implements ForeignLog {
  /** Returns these, and that of the firmware before them. */
  static List<ForeignLog> all(TdxSettings settings) {
    Path sysfs = settings.paths().sysfs();
    return List.of(
        new CcelLog(sysfs.resolve("firmware").resolve("acpi").resolve("tables")),
        new KernelLog(
            Origin.IMA,
            sysfs
                .resolve("kernel")
                .resolve("security")
                .resolve("ima")
                .resolve("binary_runtime_measurements"),
            LogFormat.IMA),
        new KernelLog(Origin.SYSTEMD, settings.systemdLog(), LogFormat.SYSTEMD));
  }

  @Override
  public String format() {
    return logFormat.label();
  }

  @Override
  public String location() {
    return path.toString();
  }

  @Override
  public InputStream open() throws IOException {
    return Files.newInputStream(path);
  }

  @Override
  public Optional<String> incomplete() {
    return origin == Origin.SYSTEMD ? SystemdLog.incomplete(path) : Optional.empty();
  }
}
