package dev.cairn.backend.tdx.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an interface offers to this process, as far as looking tells. */
final class InterfaceOffer {
  private InterfaceOffer() {}

  /** Returns where {@code kind} is or would be. */
  static String place(InterfaceKind kind, KernelPaths paths) {
    return switch (kind) {
      case SYSFS -> paths.miscDevices() + "/*/measurements";
      case CONFIGFS -> paths.rtmrs().toString();
      case TDREPORT -> paths.guestDevice().toString();
    };
  }

  /** Returns what it offers, for people; nothing if it is not there. */
  static Optional<String> of(InterfaceKind kind, KernelPaths paths) {
    try {
      return switch (kind) {
        case SYSFS -> sysfs(paths);
        case CONFIGFS -> configfs(paths);
        case TDREPORT -> tdreport(paths.guestDevice());
      };
    } catch (IOException e) {
      return Optional.of(place(kind, paths) + ": cannot be listed: " + e);
    }
  }

  private static Optional<String> sysfs(KernelPaths paths) throws IOException {
    List<String> devices = new ArrayList<>();
    for (Map.Entry<String, Path> device : new SysfsListing(paths).devices().entrySet()) {
      devices.add(
          "%s: writable for this user: %s"
              .formatted(device.getValue(), names(SysfsListing.writable(device.getValue()))));
    }
    return devices.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", devices));
  }

  private static Optional<String> configfs(KernelPaths paths) throws IOException {
    Path folder = paths.rtmrs();
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    List<String> bound = new ArrayList<>();
    for (Map.Entry<Integer, Path> entry : new RtmrBinding(folder).find().entrySet()) {
      bound.add("rtmr" + entry.getKey() + " by " + entry.getValue().getFileName());
    }
    return Optional.of(
        "%s: bound: %s; the others would be bound at the start".formatted(folder, names(bound)));
  }

  private static Optional<String> tdreport(Path device) {
    if (!Files.exists(device)) {
      return Optional.empty();
    }
    return Optional.of(
        device
            + (Files.isReadable(device)
                ? ": shows registers, extends none"
                : ": not readable for this user"));
  }

  private static String names(List<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
  }
}
