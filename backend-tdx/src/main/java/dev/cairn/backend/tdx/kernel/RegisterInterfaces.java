package dev.cairn.backend.tdx.kernel;

import dev.cairn.measure.BackendException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        requireThere(kind, paths);
        yield ConfigfsRtmrs.open(paths.rtmrs());
      }
      case TDREPORT -> {
        requireThere(kind, paths);
        yield Tdreport.open(paths.guestDevice());
      }
    };
  }

  private static void requireThere(InterfaceKind kind, KernelPaths paths) throws BackendException {
    if (InterfaceOffer.of(kind, paths).isEmpty()) {
      throw Refusals.open(missing(kind, paths), null);
    }
  }

  private static InterfaceKind firstThere(KernelPaths paths) throws BackendException {
    List<String> missing = new ArrayList<>();
    for (InterfaceProbe probe : probe(paths, null)) {
      if (probe.state() == InterfaceProbe.State.CHOSEN) {
        return probe.kind();
      }
      missing.add(probe.kind().label() + ": " + probe.text());
    }
    throw Refusals.open("no interface to registers; " + String.join("; ", missing), null);
  }

  /**
   * Looks which interfaces are there, best first; changes nothing.
   *
   * @param wanted what {@link #open} would be asked for
   */
  public static List<InterfaceProbe> probe(KernelPaths paths, @Nullable InterfaceKind wanted) {
    List<InterfaceProbe> probes = new ArrayList<>();
    InterfaceKind chosen = wanted;
    for (InterfaceKind kind : InterfaceKind.values()) {
      Optional<String> offer = InterfaceOffer.of(kind, paths);
      if (chosen == null && offer.isPresent()) {
        chosen = kind;
      }
      InterfaceProbe.State there =
          kind == chosen ? InterfaceProbe.State.CHOSEN : InterfaceProbe.State.SPARE;
      probes.add(
          offer.isPresent()
              ? new InterfaceProbe(kind, there, offer.get())
              : new InterfaceProbe(kind, InterfaceProbe.State.MISSING, missing(kind, paths)));
    }
    return probes;
  }

  private static String missing(InterfaceKind kind, KernelPaths paths) {
    return "%s: not there: %s"
        .formatted(InterfaceOffer.place(kind, paths), REMEDIES.getOrDefault(kind, ""));
  }
}
