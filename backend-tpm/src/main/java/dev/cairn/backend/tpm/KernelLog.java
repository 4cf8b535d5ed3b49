package dev.cairn.backend.tpm;

import dev.cairn.backend.tpm.TpmSettings.Place;
import dev.cairn.backend.tpm.transport.TpmAddress;
import dev.cairn.eventlog.systemd.SystemdLog;
import dev.cairn.measure.ForeignLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log that firmware, kernel or systemd keep about the registers of the machine's TPM.
 *
 * @param origin who keeps it
 * @param path where it is
 * @param format as {@code eventlog.LogFormat} spells it
 * @see "Linux drivers/char/tpm/eventlog, security/integrity/ima; systemd tpm2-util.c"
 */
record KernelLog(Origin origin, Path path, String format) implements ForeignLog {
  private static final Path DEFAULT_SYSFS = Path.of("/sys");
  private static final Path DEFAULT_SYSTEMD_LOG = Path.of("/run/log/systemd/tpm2-measure.log");
  private static final Pattern NODE = Pattern.compile("tpm(?:rm)?([0-9]{1,5})");

  /**
   * Finds the logs of the TPM at {@code place}. Behind a socket is another TPM than the kernel's,
   * whose logs say nothing about it: they are taken only where somebody has named them.
   *
   * @param sysfs the root of sysfs, if it was named; securityfs is mounted below
   * @param systemd systemd's log, if it was named
   */
  static List<KernelLog> find(Place place, Optional<Path> sysfs, Optional<Path> systemd) {
    boolean ofTheKernel =
        place instanceof Place.Sysfs
            || (place instanceof Place.Commands tpm && tpm.address() instanceof TpmAddress.Device);
    List<KernelLog> logs = new ArrayList<>();
    if (ofTheKernel || sysfs.isPresent()) {
      Path securityfs = sysfs.orElse(DEFAULT_SYSFS).resolve("kernel").resolve("security");
      logs.add(
          new KernelLog(
              Origin.FIRMWARE,
              securityfs.resolve(chip(place)).resolve("binary_bios_measurements"),
              "tcg2"));
      logs.add(
          new KernelLog(
              Origin.IMA, securityfs.resolve("ima").resolve("binary_runtime_measurements"), "ima"));
    }
    if (ofTheKernel || systemd.isPresent()) {
      logs.add(new KernelLog(Origin.SYSTEMD, systemd.orElse(DEFAULT_SYSTEMD_LOG), "systemd"));
    }
    return List.copyOf(logs);
  }

  /** Returns the kernel's name of the chip: tpmrm1 is the resource manager of tpm1. */
  private static String chip(Place place) {
    Path node = Path.of("tpm0");
    if (place instanceof Place.Sysfs shown) {
      node = shown.folder();
    } else if (place instanceof Place.Commands tpm
        && tpm.address() instanceof TpmAddress.Device device) {
      node = device.node();
    }
    Matcher name = NODE.matcher(String.valueOf(node.getFileName()));
    return name.matches() ? "tpm" + name.group(1) : "tpm0";
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
