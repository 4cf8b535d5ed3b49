package dev.cairn.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EmulatorProfileTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "pcr0, 0, true, false",
    "pcr15, 0, true, false",
    "pcr16, 0, true, true",
    "pcr17, 255, false, false",
    "pcr22, 255, false, false",
    "pcr23, 0, true, true",
  })
  void whenAPcrIsDescribed_thenItsRulesAreThoseOfLocalityZero(
      String name, int filler, boolean extendable, boolean resettable) {
    RegisterDescriptor pcr = find(EmulatorProfile.TPM, name);

    assertThat(pcr.resetValue())
        .allSatisfy(digest -> assertThat(digest.value().isFilledWith(filler)).isTrue());
    assertThat(pcr.notExtendable().isEmpty()).isEqualTo(extendable);
    assertThat(pcr.resettable()).isEqualTo(resettable);
  }

  @Test
  void whenAPcrCannotBeExtended_thenTheLocalityIsNamed() {
    assertThat(find(EmulatorProfile.TPM, "pcr17").notExtendable().orElseThrow())
        .contains("locality 0");
  }

  @Test
  void whenTheProfileIsTpm_thenThereAre24PcrsInFourBanks() {
    assertThat(EmulatorProfile.TPM.registers()).hasSize(24);
    assertThat(EmulatorProfile.TPM.banks())
        .containsExactly(
            HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SHA512);
  }

  @Test
  void whenTheProfileIsTdx_thenMrtdIsReadOnlyAndAllFourRtmrsAreNot() {
    List<RegisterDescriptor> registers = EmulatorProfile.TDX.registers();

    assertThat(registers)
        .extracting(register -> register.id().name())
        .containsExactly("mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3");
    assertThat(registers)
        .filteredOn(register -> register.notExtendable().isPresent())
        .containsExactly(find(EmulatorProfile.TDX, "mrtd"));
  }

  @Test
  void whenTheProfileIsTdx_thenMrtdIsTheDocumentedDigest() {
    // printf 'cairn emulator tdx' | sha384sum
    assertThat(find(EmulatorProfile.TDX, "mrtd").resetValue().at(0).value().toHex())
        .isEqualTo(
            "2ea53dae5b27610aa04b579f237286876cb68f114d7e76c02f222e155da587419af065359d41d2d3628e9cc0cde8f684");
  }

  @ParameterizedTest
  @EnumSource
  void whenOpenedForTheFirstTime_thenEveryRegisterHasItsResetValue(EmulatorProfile profile)
      throws Exception {
    try (EmulatorBackend emulator = EmulatorBackend.open(profile, directory.resolve("r"))) {
      for (RegisterDescriptor register : profile.registers()) {
        assertThat(emulator.read(register.id())).isEqualTo(register.resetValue());
      }
    }
  }

  private static RegisterDescriptor find(EmulatorProfile profile, String name) {
    return profile.find(RegisterId.parse(name).orElseThrow()).orElseThrow();
  }
}
