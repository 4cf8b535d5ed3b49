package dev.cairn.backend.tpm;

import dev.cairn.backend.tpm.quote.KeySetting;
import dev.cairn.backend.tpm.transport.TpmAddress;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.RegisterId;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The settings of {@link TpmProvider} as values.
 *
 * @param place where the registers are
 * @param owned what Cairn extends
 * @param allowResettable whether that may be registers that software can reset
 * @param key what signs quotes; nothing if there are to be none
 * @param timeout how long to wait for one response
 * @param logs of others about the same registers
 * @param bootId the file with the kernel's boot id
 */
record TpmSettings(
    Place place,
    SortedSet<RegisterId> owned,
    boolean allowResettable,
    Optional<KeySetting> key,
    Duration timeout,
    List<KernelLog> logs,
    Path bootId) {
  static final String TPM = "tpm";
  static final String REGISTERS = "registers";
  static final String ALLOW_RESETTABLE = "allow-resettable";
  static final String ATTESTATION_KEY = "attestation-key";
  static final String TIMEOUT = "device-timeout";
  static final String SYSFS_ROOT = "sysfs-root";
  static final String SYSTEMD_LOG = "systemd-log";
  static final String BOOT_ID = "boot-id";
  static final Set<String> KEYS =
      Set.of(
          TPM,
          REGISTERS,
          ALLOW_RESETTABLE,
          ATTESTATION_KEY,
          TIMEOUT,
          SYSFS_ROOT,
          SYSTEMD_LOG,
          BOOT_ID);

  private static final String NO_REGISTERS = "none";
  private static final String NO_KEY = "none";
  private static final String RESOURCE_MANAGER = "tpmrm";
  private static final RegisterId DEFAULT_REGISTER = RegisterId.pcr(14);
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
  private static final String SYSFS_SCHEME = "sysfs:";

  /** Where the registers are. */
  sealed interface Place {
    /** A TPM that takes commands. */
    record Commands(TpmAddress address) implements Place {
      /** Whether nobody but us has started it up: there is no firmware in front of a socket. */
      boolean isBare() {
        return !(address instanceof TpmAddress.Device);
      }

      /** Whether every connection has keys of its own, which no other connection sees. */
      boolean hasResourceManager() {
        return address instanceof TpmAddress.Device device
            && String.valueOf(device.node().getFileName()).startsWith(RESOURCE_MANAGER);
      }
    }

    /** What the kernel shows of it in sysfs: values to be read, nothing else. */
    record Sysfs(Path folder) implements Place {}
  }

  /**
   * Reads {@code settings}.
   *
   * @param dev the folder of device nodes
   * @throws BackendException NOT_EXECUTED that names setting, value and remedy
   */
  static TpmSettings of(Map<String, String> settings, Path dev) throws BackendException {
    for (String key : new TreeSet<>(settings.keySet())) {
      if (!KEYS.contains(key)) {
        throw refusal("setting '%s': has only %s".formatted(key, new TreeSet<>(KEYS)), null);
      }
    }
    Place place = place(settings.get(TPM), dev);
    SortedSet<RegisterId> owned = owned(settings.get(REGISTERS), place);
    return new TpmSettings(
        place,
        owned,
        flag(ALLOW_RESETTABLE, settings.get(ALLOW_RESETTABLE)),
        key(settings.get(ATTESTATION_KEY)),
        timeout(settings.get(TIMEOUT)),
        KernelLog.find(
            place,
            path(SYSFS_ROOT, settings.get(SYSFS_ROOT)),
            path(SYSTEMD_LOG, settings.get(SYSTEMD_LOG))),
        path(BOOT_ID, settings.get(BOOT_ID)).orElse(Path.of("/proc/sys/kernel/random/boot_id")));
  }

  private static Place place(@Nullable String text, Path dev) throws BackendException {
    try {
      if (text == null) {
        return new Place.Commands(new TpmAddress.Device(defaultNode(dev)));
      }
      if (text.startsWith(SYSFS_SCHEME)) {
        return new Place.Sysfs(Path.of(text.substring(SYSFS_SCHEME.length())));
      }
      return new Place.Commands(TpmAddress.parse(text));
    } catch (IllegalArgumentException e) {
      throw refusal("setting 'tpm': " + e.getMessage(), e);
    }
  }

  private static Path defaultNode(Path dev) throws BackendException {
    for (String name : List.of("tpmrm0", "tpm0")) {
      if (Files.exists(dev.resolve(name))) {
        return dev.resolve(name);
      }
    }
    throw refusal(
        "no TPM: %s has neither tpmrm0 nor tpm0; if it is elsewhere, say where by 'tpm'"
            .formatted(dev),
        null);
  }

  private static SortedSet<RegisterId> owned(@Nullable String text, Place place)
      throws BackendException {
    SortedSet<RegisterId> owned = new TreeSet<>();
    if (place instanceof Place.Sysfs) {
      if (text != null && !text.equals(NO_REGISTERS)) {
        throw refusal(
            "setting 'registers': '%s', but sysfs extends nothing: 'none', or name a device as 'tpm'"
                .formatted(text),
            null);
      }
      return owned;
    }
    if (text == null) {
      owned.add(DEFAULT_REGISTER);
      return owned;
    }
    if (text.equals(NO_REGISTERS)) {
      return owned;
    }
    for (String name : text.split(",", -1)) {
      Optional<RegisterId> id = RegisterId.parse(name.strip());
      if (id.isEmpty() || id.get().kind() != RegisterId.Kind.PCR) {
        throw refusal(
            "setting 'registers': '%s' names no PCR: needs names such as pcr14, separated by commas,"
                    .formatted(name.strip())
                + " or 'none'",
            null);
      }
      if (!owned.add(id.get())) {
        throw refusal("setting 'registers': %s is there twice".formatted(id.get()), null);
      }
    }
    return owned;
  }

  private static boolean flag(String key, @Nullable String text) throws BackendException {
    if (text == null || text.equals("false")) {
      return false;
    }
    if (text.equals("true")) {
      return true;
    }
    throw refusal("setting '%s': '%s': needs true or false".formatted(key, text), null);
  }

  private static Optional<KeySetting> key(@Nullable String text) throws BackendException {
    if (text == null) {
      return Optional.of(KeySetting.DEFAULT);
    }
    try {
      return text.equals(NO_KEY) ? Optional.empty() : Optional.of(KeySetting.parse(text));
    } catch (IllegalArgumentException e) {
      throw refusal(
          "setting '%s': %s; or none, for no quotes".formatted(ATTESTATION_KEY, e.getMessage()), e);
    }
  }

  private static Duration timeout(@Nullable String text) throws BackendException {
    if (text == null) {
      return DEFAULT_TIMEOUT;
    }
    try {
      int millis = Integer.parseInt(text);
      if (millis > 0) {
        return Duration.ofMillis(millis);
      }
    } catch (NumberFormatException e) {
      throw refusal("setting 'device-timeout': '%s': needs milliseconds".formatted(text), e);
    }
    throw refusal("setting 'device-timeout': '%s': needs at least 1 ms".formatted(text), null);
  }

  private static Optional<Path> path(String key, @Nullable String text) throws BackendException {
    try {
      return text == null ? Optional.empty() : Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      throw refusal("setting '%s': %s".formatted(key, e.getMessage()), e);
    }
  }

  private static BackendException refusal(String detail, @Nullable Throwable cause) {
    return new BackendException(null, Outcome.NOT_EXECUTED, "open", detail, cause);
  }
}
