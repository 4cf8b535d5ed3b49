package dev.cairn.cli.doctor;

import dev.cairn.backend.tdx.TdxProvider;
import dev.cairn.backend.tdx.kernel.InterfaceProbe;
import dev.cairn.cli.doctor.Finding.Level;
import dev.cairn.measure.BackendException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The kernel's interfaces to the registers of a TDX guest: which one would be used, what is
 * missing, how to get it.
 */
final class TdxCheck {
  private static final String FLAG = "tdx_guest";

  private TdxCheck() {}

  /**
   * Looks.
   *
   * @param settings of the backend
   * @param wanted whether it is the configured backend, so that a missing interface is in the way
   * @param processors usually {@code /proc/cpuinfo}
   */
  static List<Finding> look(Map<String, String> settings, boolean wanted, Path processors) {
    List<Finding> findings = new ArrayList<>();
    findings.add(finding(Level.NOTE, processor(processors)));
    try {
      List<InterfaceProbe> probes = TdxProvider.look(settings);
      for (InterfaceProbe probe : probes) {
        findings.add(finding(level(probe, wanted), text(probe)));
      }
      boolean any = probes.stream().anyMatch(p -> p.state() == InterfaceProbe.State.CHOSEN);
      if (wanted && !any) {
        findings.add(finding(Level.BAD, "no interface that could be used is there"));
      }
    } catch (BackendException e) {
      findings.add(finding(wanted ? Level.BAD : Level.NOTE, String.valueOf(e.getMessage())));
    }
    return findings;
  }

  private static Level level(InterfaceProbe probe, boolean wanted) {
    return wanted && probe.state() == InterfaceProbe.State.CHOSEN ? Level.GOOD : Level.NOTE;
  }

  private static String text(InterfaceProbe probe) {
    String use =
        switch (probe.state()) {
          case CHOSEN -> "used by '--backend tdx', ";
          case SPARE -> "not used, ";
          case MISSING -> "";
        };
    return probe.kind().label() + ": " + use + probe.text();
  }

  private static String processor(Path processors) {
    try (Stream<String> lines = Files.lines(processors)) {
      boolean guest =
          lines.anyMatch(
              line -> line.startsWith("flags") && (line + " ").contains(" " + FLAG + " "));
      return guest
          ? "this machine is a TDX guest"
          : "this machine is no TDX guest (no flag %s in %s)".formatted(FLAG, processors);
    } catch (IOException e) {
      return processors + " cannot be read, so nothing tells whether this is a TDX guest: " + e;
    }
  }

  private static Finding finding(Level level, String text) {
    return new Finding("device", "tdx", level, text);
  }
}
