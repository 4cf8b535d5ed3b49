package dev.cairn.backend.tdx.kernel;

import java.nio.file.Path;

/**
 * Where the kernel's file systems are mounted.
 *
 * @param sysfs {@code /sys}
 * @param configfs {@code /sys/kernel/config}
 * @param guestDevice {@code /dev/tdx_guest}
 */
public record KernelPaths(Path sysfs, Path configfs, Path guestDevice) {
  /** Where every distribution has them. */
  public static final KernelPaths DEFAULT =
      new KernelPaths(Path.of("/sys"), Path.of("/sys/kernel/config"), Path.of("/dev/tdx_guest"));

  Path miscDevices() {
    return sysfs.resolve("class").resolve("misc");
  }

  Path rtmrs() {
    return configfs.resolve("tsm").resolve("rtmrs");
  }
}
