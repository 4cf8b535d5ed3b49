package dev.cairn.cli.doctor;

import dev.cairn.cli.doctor.Finding.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The Java runtime and the class-data archive. */
final class JavaCheck {
  private static final int FLOOR = 17;

  private JavaCheck() {}

  /**
   * Looks.
   *
   * @param vmInfo what the JVM says of itself in {@code java.vm.info}
   * @param home folder of cairn.jar
   * @param archiveInUse whether the start script named the archive
   */
  static List<Finding> look(int feature, String vmInfo, Path home, boolean archiveInUse) {
    Finding version =
        feature >= FLOOR
            ? new Finding("java", "version", Level.GOOD, "Java " + feature)
            : new Finding("java", "version", Level.BAD, "Java " + feature + ": needs 17 or newer");
    return List.of(version, archive(vmInfo, home.resolve("cairn.jsa"), archiveInUse));
  }

  private static Finding archive(String vmInfo, Path archive, boolean archiveInUse) {
    if (archiveInUse && vmInfo.contains("sharing")) {
      return new Finding("java", "class-data archive", Level.GOOD, "in use: " + archive);
    }
    String why =
        Files.isReadable(archive)
            ? "does not fit this JVM or these jars; 'make-archive' makes a new one"
            : "is not there; 'make-archive' makes it";
    return new Finding(
        "java",
        "class-data archive",
        Level.WARNING,
        archive + " " + why + ": starts take twice as long");
  }
}
