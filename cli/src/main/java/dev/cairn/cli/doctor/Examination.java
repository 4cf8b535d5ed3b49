package dev.cairn.cli.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All checks, in the order in which a person would look. */
public final class Examination {
  private Examination() {}

  /**
   * Looks at this process and this machine.
   *
   * @param home folder of cairn.jar
   * @param archiveInUse whether the start script named the class-data archive
   * @param state the state folder in force
   * @param backend the configured one, if any
   * @param tdx settings of the TDX backend
   * @param tpm settings of the TPM backend
   */
  public static List<Finding> run(
      Path home,
      boolean archiveInUse,
      Path state,
      Optional<String> backend,
      Map<String, String> tdx,
      Map<String, String> tpm) {
    List<Finding> findings = new ArrayList<>();
    findings.addAll(
        JavaCheck.look(
            Runtime.version().feature(),
            System.getProperty("java.vm.info", ""),
            home,
            archiveInUse));
    findings.addAll(StateCheck.look(state));
    findings.addAll(DeviceCheck.look(Path.of("/")));
    findings.addAll(
        TdxCheck.look(tdx, backend.filter("tdx"::equals).isPresent(), Path.of("/proc/cpuinfo")));
    findings.addAll(TpmCheck.look(Path.of("/"), tpm, backend.filter("tpm"::equals).isPresent()));
    return findings;
  }
}
