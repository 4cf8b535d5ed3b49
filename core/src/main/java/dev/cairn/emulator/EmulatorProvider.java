package dev.cairn.emulator;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.BackendProvider;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Opens the emulator from settings.
 *
 * <pre>
 * profile    tdx or tpm
 * registers  path of the register file, made if it is not there; its directory has to be
 * faults     path of a fault script ({@link Fault}); may be left out
 * firmware-log  path of a file that plays the firmware's log, as tcg2; may be left out
 * </pre>
 */
public final class EmulatorProvider implements BackendProvider {
  private static final String PROFILE = "profile";
  private static final String REGISTERS = "registers";
  private static final String FAULTS = "faults";
  private static final String FIRMWARE_LOG = "firmware-log";

  @Override
  public String name() {
    return EmulatorBackend.NAME;
  }

  @Override
  public Set<String> settings() {
    return Set.of(PROFILE, REGISTERS, FAULTS, FIRMWARE_LOG);
  }

  @Override
  public EmulatorBackend open(Map<String, String> settings) throws BackendException {
    for (String key : new TreeSet<>(settings.keySet())) {
      if (!settings().contains(key)) {
        throw refusal("setting '%s': has only %s".formatted(key, new TreeSet<>(settings())));
      }
    }
    String profileName = settings.get(PROFILE);
    EmulatorProfile profile =
        profileName == null ? null : EmulatorProfile.of(profileName).orElse(null);
    if (profile == null) {
      throw refusal(
          "setting 'profile': needs one of %s, has %s"
              .formatted(
                  Arrays.stream(EmulatorProfile.values()).map(p -> p.profileName()).toList(),
                  shown(profileName)));
    }
    String faults = settings.get(FAULTS);
    List<Fault> script =
        faults == null ? List.of() : FaultScript.read(path(FAULTS, faults), profile);
    Path registers = path(REGISTERS, settings.get(REGISTERS));
    String firmwareLog = settings.get(FIRMWARE_LOG);
    EmulatorBackend backend =
        firmwareLog == null
            ? EmulatorBackend.open(profile, registers)
            : EmulatorBackend.openWithFirmwareLog(
                profile, registers, path(FIRMWARE_LOG, firmwareLog));
    script.forEach(backend::inject);
    return backend;
  }

  private static Path path(String key, @Nullable String value) throws BackendException {
    if (value == null || value.isEmpty()) {
      throw refusal("setting '%s': needs the path of a file, has %s".formatted(key, shown(value)));
    }
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw refusal("setting '%s': %s".formatted(key, e.getMessage()));
    }
  }

  private static String shown(@Nullable String value) {
    return value == null ? "none" : "'" + value + "'";
  }

  private static BackendException refusal(String detail) {
    return new BackendException(null, Outcome.NOT_EXECUTED, "open", detail, null);
  }
}
