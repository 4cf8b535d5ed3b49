package dev.cairn.backend.tdx.kernel;

import dev.cairn.measure.BackendException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds and opens the kernel's interfaces to measurement registers. */
public final class RegisterInterfaces {
  private static final Map<InterfaceKind, String> REMEDIES =
      Map.of(
          InterfaceKind.SYSFS,
          "it needs Linux 6.16 or newer, on a TDX guest with the module tdx_guest ('modprobe"
              + " tdx_guest')",
          InterfaceKind.CONFIGFS,
          "only the kernels of some vendors have it; there it needs configfs to be mounted",
          InterfaceKind.TDREPORT,
          "it needs Linux 6.2 or newer, on a TDX guest with the module tdx_guest ('modprobe"
              + " tdx_guest')");

  private RegisterInterfaces() {}

  /**
   * Opens {@code wanted}, else the first that is there. Extends nothing; by configfs, registers
   * that nobody has bound to an entry are bound to new ones.
   *
   * @param provider the misc device in sysfs, or null for that of TDX or else the only one
   * @throws BackendException NOT_EXECUTED if it is not there or cannot be used
   */
  public static RegisterInterface open(
      KernelPaths paths, @Nullable InterfaceKind wanted, @Nullable String provider)
      throws BackendException {
    InterfaceKind kind = wanted;
    if (kind == null) {
      kind = provider == null ? firstThere(paths) : InterfaceKind.SYSFS;
    }
    return switch (kind) {
      case SYSFS -> new SysfsListing(paths).open(provider);
      case CONFIGFS -> {
        requireThere(Files.isDirectory(paths.rtmrs()), paths.rtmrs() + "", kind);
        yield ConfigfsRtmrs.open(paths.rtmrs());
      }
      case TDREPORT -> {
        requireThere(Files.exists(paths.guestDevice()), paths.guestDevice() + "", kind);
        yield Tdreport.open(paths.guestDevice());
      }
    };
  }

  private static void requireThere(boolean there, String place, InterfaceKind kind)
      throws BackendException {
    if (!there) {
      throw Refusals.open(
          "%s: not there: %s".formatted(place, REMEDIES.getOrDefault(kind, "")), null);
    }
  }

  private static InterfaceKind firstThere(KernelPaths paths) throws BackendException {
    List<String> missing = new ArrayList<>();
    for (InterfaceProbe probe : probe(paths)) {
      if (probe.there()) {
        return probe.kind();
      }
      missing.add(probe.kind().label() + ": " + probe.text());
    }
    throw Refusals.open("no interface to registers; " + String.join("; ", missing), null);
  }

  /** Looks which interfaces are there, best first; changes nothing. */
  public static List<InterfaceProbe> probe(KernelPaths paths) {
    return List.of(
        probeSysfs(paths),
        new InterfaceProbe(
            InterfaceKind.CONFIGFS,
            Files.isDirectory(paths.rtmrs()),
            text(Files.isDirectory(paths.rtmrs()), paths.rtmrs() + "", InterfaceKind.CONFIGFS)),
        new InterfaceProbe(
            InterfaceKind.TDREPORT,
            Files.exists(paths.guestDevice()),
            text(
                Files.exists(paths.guestDevice()),
                paths.guestDevice() + "",
                InterfaceKind.TDREPORT)));
  }

  private static InterfaceProbe probeSysfs(KernelPaths paths) {
    String place = paths.miscDevices() + "/*/measurements";
    try {
      Map<String, ?> devices = new SysfsListing(paths).devices();
      boolean there = !devices.isEmpty();
      return new InterfaceProbe(
          InterfaceKind.SYSFS,
          there,
          there ? place + ": " + devices.keySet() : text(false, place, InterfaceKind.SYSFS));
    } catch (IOException e) {
      return new InterfaceProbe(InterfaceKind.SYSFS, false, place + ": cannot be listed: " + e);
    }
  }

  private static String text(boolean there, String place, InterfaceKind kind) {
    return there ? place : "%s: not there: %s".formatted(place, REMEDIES.getOrDefault(kind, ""));
  }
}
