package dev.cairn.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegisterIdTest {
  @ParameterizedTest
  @CsvSource({
    "pcr0, PCR, 0",
    "pcr23, PCR, 23",
    "mrtd, CCMR, 0",
    "rtmr0, CCMR, 1",
    "rtmr3, CCMR, 4",
    "ccmr5, CCMR, 5",
    "nv0x01c10000, NV, 29425664",
    "pcr4294967295, PCR, 4294967295",
  })
  void whenParsingAName_thenItIsThatRegisterAndItsNameIsTheSame(
      String name, RegisterId.Kind kind, long index) {
    RegisterId id = RegisterId.parse(name).orElseThrow();

    assertThat(id).isEqualTo(new RegisterId(kind, index));
    assertThat(id.name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "pcr",
        "pcr01",
        "PCR1",
        "rtmr4",
        "ccmr0",
        "ccmr4",
        "pcr4294967296",
        "rtmr-1",
        "pcr1 ",
        "nv0x1",
        "nv0x01C10000",
        "mrtd0",
        "pcr99999999999999999999"
      })
  void whenParsingAnythingElse_thenThereIsNone(String name) {
    assertThat(RegisterId.parse(name)).isEmpty();
  }
}
