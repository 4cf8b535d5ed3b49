package dev.cairn.cli;

import dev.cairn.cli.config.Configuration;
import dev.cairn.cli.config.Key;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendProvider;
import dev.cairn.measure.MeasurementBackend;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Finds the backend that the configuration names. */
final class Backends {
  private static final String EMULATOR = "emulator";

  private Backends() {}

  /**
   * Finds the backend that {@code configuration} names; touches no device. There is no default:
   * measuring into nothing must never look like measuring.
   *
   * @throws CommandException if none is named, or there is no such one
   */
  static BackendProvider find(Configuration configuration) throws CommandException {
    Map<String, BackendProvider> providers = providers();
    String name =
        configuration
            .text(Key.BACKEND)
            .orElseThrow(
                () ->
                    new CommandException(
                        ExitStatus.UNUSABLE_INPUT,
                        "backend: none is configured, and none is chosen by itself: 'cairn doctor'"
                            + " says what is here; '--backend tpm' and '--backend tdx' measure into hardware;"
                            + " '--backend emulator' runs on registers that protect nothing"));
    BackendProvider provider = providers.get(name);
    if (provider == null) {
      throw new CommandException(
          ExitStatus.UNUSABLE_INPUT,
          "backend: '%s': this build has only: %s"
              .formatted(name, String.join(", ", providers.keySet())));
    }
    return provider;
  }

  /**
   * Opens the device.
   *
   * @throws CommandException if it is not there
   */
  static MeasurementBackend open(BackendProvider provider, Configuration configuration)
      throws CommandException {
    try {
      return provider.open(settings(provider, configuration));
    } catch (BackendException e) {
      throw new CommandException(ExitStatus.UNAVAILABLE, e);
    }
  }

  private static Map<String, BackendProvider> providers() {
    Map<String, BackendProvider> providers = new TreeMap<>();
    for (BackendProvider provider : ServiceLoader.load(BackendProvider.class)) {
      providers.put(provider.name(), provider);
    }
    return providers;
  }

  /** Returns what {@code configuration} says about the settings of a backend. */
  static Map<String, String> settings(BackendProvider provider, Configuration configuration) {
    Map<String, String> settings = new HashMap<>();
    if (provider.name().equals(EMULATOR)) {
      configuration.text(Key.PROFILE).ifPresent(profile -> settings.put("profile", profile));
      configuration.text(Key.EMULATOR_FAULTS).ifPresent(script -> settings.put("faults", script));
      configuration
          .text(Key.EMULATOR_FIRMWARE_LOG)
          .ifPresent(log -> settings.put("firmware-log", log));
      settings.put("registers", emulatorRegisters(configuration).toString());
      return settings;
    }
    for (String name : provider.settings()) { // of hardware, called as the keys are
      Key.ofLabel(name)
          .flatMap(configuration::setting)
          .ifPresent(value -> settings.put(name, value));
    }
    return settings;
  }

  /** Returns the file of the emulator's registers. */
  static Path emulatorRegisters(Configuration configuration) {
    return configuration
        .text(Key.EMULATOR_REGISTERS)
        .map(Path::of)
        .orElseGet(() -> state(configuration).resolve(EmulatorCommand.REGISTERS_FILE));
  }

  /** Returns the state folder. */
  static Path state(Configuration configuration) {
    return Path.of(configuration.text(Key.STATE).orElseThrow());
  }
}
