package dev.cairn.foreign;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.ForeignLog;
import java.io.IOException;

/** What is known about those who keep logs. */
final class Keepers {
  private Keepers() {}

  /** Returns what to call the log, for people. */
  static String name(ForeignLog log) {
    return switch (log.origin()) {
      case FIRMWARE -> "firmware log";
      case IMA -> "IMA list";
      case SYSTEMD -> "systemd log";
      case KERNEL_TRACE -> "kernel trace";
    };
  }

  /** Returns whether it can grow after the kernel has started. */
  static boolean grows(ForeignLog log) {
    return log.origin() != ForeignLog.Origin.FIRMWARE;
  }

  /** Returns whether an extend may have happened that will be in the log only a moment later. */
  static boolean lags(ForeignLog log) {
    return switch (log.origin()) {
      case SYSTEMD, KERNEL_TRACE -> true; // extend first, log then
      case FIRMWARE, IMA -> false; // IMA appends to its list first
    };
  }

  static LogFormat format(ForeignLog log) throws IOException {
    return LogFormat.ofLabel(log.format())
        .orElseThrow(
            () ->
                new IOException(
                    "%s: no format is named %s: the backend has a defect"
                        .formatted(log.location(), log.format())));
  }
}
