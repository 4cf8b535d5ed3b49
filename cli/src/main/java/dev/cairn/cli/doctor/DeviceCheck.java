package dev.cairn.cli.doctor;

import dev.cairn.cli.doctor.Finding.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The kernel's doors to measurement registers. They are detected only: this version has no backend
 * for them.
 *
 * @see "Linux Documentation/ABI/testing/configfs-tsm-report, sysfs-class-tpm,
 *     sysfs-devices-virtual-misc-tdx_guest"
 */
final class DeviceCheck {
  private static final String LATER = "; the backend for it comes with a later version";

  private record Door(String subject, String path, String meaning) {}

  private static final List<Door> DOORS =
      List.of(
          new Door("tpm", "dev/tpmrm0", "TPM 2.0, with the kernel's resource manager"),
          new Door("tpm", "dev/tpm0", "TPM"),
          new Door("tsm", "sys/kernel/config/tsm/report", "quotes by configfs"),
          new Door(
              "firmware log", "sys/kernel/security/tpm0/binary_bios_measurements", "TPM boot log"),
          new Door("firmware log", "sys/firmware/acpi/tables/data/CCEL", "CC event log"),
          new Door(
              "ima", "sys/kernel/security/ima/binary_runtime_measurements", "IMA measurements"));

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
    banks(root.resolve("sys/class/tpm/tpm0"), findings);
    return findings;
  }

  private static String there(Door door, Path path) {
    if (Files.isReadable(path)) {
      boolean log = door.subject().equals("firmware log") || door.subject().equals("ima");
      return door.meaning() + (log ? "; 'cairn replay' reads it" : LATER);
    }
    return door.meaning() + ", not readable for this user";
  }

  private static void banks(Path tpm, List<Finding> findings) {
    if (!Files.isDirectory(tpm)) {
      return;
    }
    try (Stream<Path> entries = Files.list(tpm)) {
      List<String> banks =
          entries
              .map(path -> path.getFileName() + "")
              .filter(name -> name.startsWith("pcr-"))
              .map(name -> name.substring(4))
              .sorted()
              .toList();
      findings.add(new Finding("device", "tpm banks", Level.NOTE, String.join(", ", banks)));
    } catch (IOException e) {
      findings.add(new Finding("device", "tpm banks", Level.WARNING, tpm + ": " + e));
    }
  }
}
