package dev.cairn.backend.tdx;

import dev.cairn.backend.tdx.kernel.InterfaceKind;
import dev.cairn.backend.tdx.kernel.KernelPaths;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.RegisterId;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of {@link TdxProvider} as values.
 *
 * @param paths where the kernel's file systems are
 * @param kind the interface to use, or null for the first that is there
 * @param provider the misc device in sysfs, or null for that of TDX
 * @param registers what Cairn extends, or nothing if nobody has said
 * @param systemdLog systemd's log of measurements
 * @param trace name of the instance that traces extends of others, or nothing for none
 * @param bootId the file with the kernel's boot id
 */
record TdxSettings(
    KernelPaths paths,
    @Nullable InterfaceKind kind,
    @Nullable String provider,
    Optional<SortedSet<RegisterId>> registers,
    Path systemdLog,
    Optional<String> trace,
    Path bootId) {
  static final String INTERFACE = "tdx.interface";
  static final String PROVIDER = "tdx.provider";
  static final String REGISTERS = "registers";
  static final String SYSFS_ROOT = "sysfs-root";
  static final String CONFIGFS_ROOT = "configfs-root";
  static final String GUEST_DEVICE = "tdx.device";
  static final String SYSTEMD_LOG = "systemd-log";
  static final String TRACE = "tdx.trace";
  static final String BOOT_ID = "boot-id";
  static final Set<String> KEYS =
      Set.of(
          INTERFACE,
          PROVIDER,
          REGISTERS,
          SYSFS_ROOT,
          CONFIGFS_ROOT,
          GUEST_DEVICE,
          SYSTEMD_LOG,
          TRACE,
          BOOT_ID);

  private static final String NO_REGISTERS = "none";
  private static final String NO_TRACE = "none";
  private static final String DEFAULT_TRACE = "cairn";
  private static final Pattern INSTANCE = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Path DEFAULT_SYSTEMD_LOG = Path.of("/run/log/systemd/cc-measure.log");
  private static final Path DEFAULT_BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /**
   * Reads {@code settings}.
   *
   * @throws BackendException NOT_EXECUTED that names setting, value and remedy
   */
  static TdxSettings of(Map<String, String> settings) throws BackendException {
    for (String key : new TreeSet<>(settings.keySet())) {
      if (!KEYS.contains(key)) {
        throw refusal("setting '%s': has only %s".formatted(key, new TreeSet<>(KEYS)));
      }
    }
    InterfaceKind kind = kind(settings.get(INTERFACE));
    String provider = settings.get(PROVIDER);
    if (provider != null && kind != null && kind != InterfaceKind.SYSFS) {
      throw refusal(
          "setting 'tdx.provider': '%s' names a device in sysfs, but 'tdx.interface' is %s: leave one out"
              .formatted(provider, kind.label()));
    }
    return new TdxSettings(
        new KernelPaths(
            path(settings, SYSFS_ROOT, KernelPaths.DEFAULT.sysfs()),
            path(settings, CONFIGFS_ROOT, KernelPaths.DEFAULT.configfs()),
            path(settings, GUEST_DEVICE, KernelPaths.DEFAULT.guestDevice())),
        kind,
        provider,
        registers(settings.get(REGISTERS)),
        path(settings, SYSTEMD_LOG, DEFAULT_SYSTEMD_LOG),
        trace(settings.getOrDefault(TRACE, DEFAULT_TRACE)),
        path(settings, BOOT_ID, DEFAULT_BOOT_ID));
  }

  private static @Nullable InterfaceKind kind(@Nullable String text) throws BackendException {
    if (text == null) {
      return null;
    }
    Optional<InterfaceKind> kind = InterfaceKind.of(text);
    if (kind.isEmpty()) {
      throw refusal(
          "setting 'tdx.interface': '%s': needs one of %s"
              .formatted(text, Arrays.stream(InterfaceKind.values()).map(k -> k.label()).toList()));
    }
    return kind.get();
  }

  private static Optional<SortedSet<RegisterId>> registers(@Nullable String text)
      throws BackendException {
    if (text == null) {
      return Optional.empty();
    }
    SortedSet<RegisterId> registers = new TreeSet<>();
    if (text.equals(NO_REGISTERS)) {
      return Optional.of(registers);
    }
    for (String part : text.split(",", -1)) {
      String name = part.strip();
      RegisterId id =
          RegisterId.parse(name)
              .orElseThrow(
                  () ->
                      refusal(
                          "setting 'registers': '%s' names no register: needs names such as rtmr2,"
                                  .formatted(name)
                              + " separated by commas, or 'none'"));
      if (!registers.add(id)) {
        throw refusal("setting 'registers': %s is there twice".formatted(id));
      }
    }
    return Optional.of(registers);
  }

  private static Optional<String> trace(String text) throws BackendException {
    if (text.equals(NO_TRACE)) {
      return Optional.empty();
    }
    if (!INSTANCE.matcher(text).matches()) {
      throw refusal(
          "setting 'tdx.trace': '%s': needs the name of a trace instance (letters, digits, - and _), or 'none'"
              .formatted(text));
    }
    return Optional.of(text);
  }

  private static Path path(Map<String, String> settings, String key, Path fallback)
      throws BackendException {
    String text = settings.get(key);
    if (text == null) {
      return fallback;
    }
    if (text.isEmpty()) {
      throw refusal("setting '%s': is empty, needs a path".formatted(key));
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw refusal("setting '%s': %s".formatted(key, e.getMessage()));
    }
  }

  static BackendException refusal(String detail) {
    return new BackendException(null, Outcome.NOT_EXECUTED, "open", detail, null);
  }
}
