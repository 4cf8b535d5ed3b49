package dev.cairn.cli.doctor;

import dev.cairn.cli.doctor.Finding.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The logs of others about measurement registers, and what gives quotes. The registers themselves
 * have checks of their own.
 *
 * @see "Linux Documentation/ABI/testing/configfs-tsm-report"
 */
final class DeviceCheck {
  private record Door(String subject, String path, String meaning) {}

  private static final List<Door> DOORS =
      List.of(
          new Door("tsm", "sys/kernel/config/tsm/report", "quotes by configfs"),
          new Door(
              "firmware log", "sys/kernel/security/tpm0/binary_bios_measurements", "TPM boot log"),
          new Door("firmware log", "sys/firmware/acpi/tables/data/CCEL", "CC event log"),
          new Door(
              "ima log", "sys/kernel/security/ima/binary_runtime_measurements", "IMA measurements"),
          new Door("systemd log", "run/log/systemd/tpm2-measure.log", "measurements of systemd"));

  private DeviceCheck() {}

  /** Looks below {@code root}, which is {@code /} but for tests. */
  static List<Finding> look(Path root) {
    List<Finding> findings = new ArrayList<>();
    for (Door door : DOORS) {
      Path path = root.resolve(door.path());
      findings.add(
          Files.exists(path)
              ? new Finding("device", door.subject(), Level.NOTE, path + ": " + there(door, path))
              : new Finding(
                  "device",
                  door.subject(),
                  Level.NOTE,
                  path + ": not there (" + door.meaning() + ")"));
    }
    return findings;
  }

  private static String there(Door door, Path path) {
    if (Files.isReadable(path)) {
      return door.meaning() + (door.subject().endsWith("log") ? "; 'cairn replay' reads it" : "");
    }
    return door.meaning() + ", not readable for this user: run as root, or change its group";
  }
}
