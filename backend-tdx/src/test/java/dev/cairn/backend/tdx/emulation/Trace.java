package dev.cairn.backend.tdx.emulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.backend.tdx.fuse.Caller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * The trace events of the tsm-mr core, as the file {@code trace} shows them.
 *
 * @see "Linux 7.3 include/trace/events/tsm_mr.h"
 */
final class Trace {
  private static final double NANOS = 1e9;

  private final List<String> lines = new ArrayList<>();
  private final TraceInstances instances = new TraceInstances();
  private boolean enabled;

  /** Begins to collect lines; costs a file access per event. */
  void enable() {
    enabled = true;
  }

  /** Returns the folder of instances, which collect lines of their own. */
  TraceInstances instances() {
    return instances;
  }

  byte[] text() {
    return String.join("", lines).getBytes(UTF_8);
  }

  void read(Caller caller, MeasurementRegister register, byte[] value) {
    add(caller, "tsm_mr_read", register, hash(register, "data") + ":" + hex(value));
  }

  void refreshed(Caller caller, MeasurementRegister register, int result) {
    add(caller, "tsm_mr_refresh", register, (result == 0 ? "succeeded:" : "failed:") + result);
  }

  void written(Caller caller, MeasurementRegister register, byte[] digest) {
    String text = hash(register, "data") + ":" + hex(digest);
    add(caller, "tsm_mr_write", register, text);
    instances.extended(caller, () -> line(caller, "tsm_mr_write", register, text));
  }

  private void add(Caller caller, String event, MeasurementRegister register, String text) {
    if (enabled) {
      lines.add(line(caller, event, register, text));
    }
  }

  private static String line(
      Caller caller, String event, MeasurementRegister register, String text) {
    return line(caller, event, "[%s] %s".formatted(register.name(), text));
  }

  static String line(Caller caller, String event, String text) {
    return String.format(
        Locale.ROOT,
        "%16s-%-7d [000] ..... %12.6f: %s: %s%n",
        command(caller.thread()),
        caller.thread(),
        System.nanoTime() / NANOS,
        event,
        text);
  }

  private static String command(int thread) {
    try {
      return Files.readString(Path.of("/proc/" + thread + "/comm")).strip();
    } catch (IOException e) {
      return "<...>"; // as the kernel writes it for a thread that has ended
    }
  }

  private static String hash(MeasurementRegister register, String otherwise) {
    return register.hash().isEmpty() ? otherwise : register.hash();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
