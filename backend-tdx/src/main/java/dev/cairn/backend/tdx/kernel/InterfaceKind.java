package dev.cairn.backend.tdx.kernel;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The ways to the registers, in the order in which they are looked for. */
public enum InterfaceKind {
  /** {@code /sys/class/misc/NAME/measurements}: Linux 6.16 and newer, any tsm-mr driver. */
  SYSFS,
  /** {@code /sys/kernel/config/tsm/rtmrs}: an RFC of 2024 that some vendors' kernels ship. */
  CONFIGFS,
  /** TDX_CMD_GET_REPORT0 of {@code /dev/tdx_guest}: shows registers and extends none. */
  TDREPORT;

  /** Returns the name by which users ask for it: {@code sysfs}, {@code configfs}, … */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the one whose {@link #label()} is {@code label}. */
  public static Optional<InterfaceKind> of(String label) {
    return Arrays.stream(values()).filter(kind -> kind.label().equals(label)).findFirst();
  }
}
