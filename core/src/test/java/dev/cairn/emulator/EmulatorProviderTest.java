package dev.cairn.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendProvider;
import dev.cairn.measure.MeasurementBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmulatorProviderTest {
  @TempDir Path directory;

  private final BackendProvider provider =
      ServiceLoader.load(BackendProvider.class).stream()
          .map(ServiceLoader.Provider::get)
          .filter(candidate -> candidate.name().equals("emulator"))
          .findFirst()
          .orElseThrow();

  @Test
  void whenOpenedByName_thenItIsTheProfileAskedFor() throws Exception {
    try (MeasurementBackend backend = provider.open(settings())) {
      assertThat(backend.registers()).isEqualTo(EmulatorProfile.TPM.registers());
      assertThat(backend.name()).isEqualTo("emulator");
    }
  }

  @Test
  void whenAFaultScriptIsGiven_thenItIsInForce() throws Exception {
    Map<String, String> settings = settings();
    Path script = Files.writeString(directory.resolve("faults"), "on extend 1: refuse\n");
    settings.put("faults", script.toString());

    try (EmulatorBackend backend = (EmulatorBackend) provider.open(settings)) {
      assertThat(backend.unusedFaults()).containsExactly(Fault.parse("on extend 1: refuse"));
    }
  }

  @Test
  void whenTheFaultScriptIsWrong_thenNothingIsMade() throws Exception {
    Map<String, String> settings = settings();
    settings.put("faults", Files.writeString(directory.resolve("faults"), "?").toString());

    assertThatThrownBy(() -> provider.open(settings)).hasMessageContaining("faults:1: ");
    assertThat(directory.resolve("registers")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "profile, , 'setting ''profile'': needs one of [tdx, tpm, sample], has none'",
    "profile, sev, has 'sev'",
    "registers, , setting 'registers': needs the path of a file",
    "faults, '', setting 'faults': needs the path of a file",
    "profiel, tdx, 'setting ''profiel'': has only [faults, firmware-log, profile, registers]'",
  })
  void whenASettingIsWrong_thenItIsNamed(String key, String value, String named) {
    Map<String, String> settings = settings();
    if (value == null) {
      settings.remove(key);
    } else {
      settings.put(key, value);
    }

    assertThatThrownBy(() -> provider.open(settings))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining(named);
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("profile", "tpm");
    settings.put("registers", directory.resolve("registers").toString());
    return settings;
  }
}
