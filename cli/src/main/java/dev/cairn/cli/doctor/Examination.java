package dev.cairn.cli.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All checks, in the order in which a person would look. */
public final class Examination {
  private Examination() {}

  /**
   * Looks at this process and this machine.
   *
   * @param home folder of cairn.jar
   * @param archiveInUse whether the start script named the class-data archive
   * @param state the state folder in force
   */
  public static List<Finding> run(Path home, boolean archiveInUse, Path state) {
    List<Finding> findings = new ArrayList<>();
    findings.addAll(
        JavaCheck.look(
            Runtime.version().feature(),
            System.getProperty("java.vm.info", ""),
            home,
            archiveInUse));
    findings.addAll(StateCheck.look(state));
    findings.addAll(DeviceCheck.look(Path.of("/")));
    return findings;
  }
}
