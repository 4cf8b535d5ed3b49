package dev.cairn.backend.tpm.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseCodeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0x1C3 | TPM_RC_HASH (0x1c3, parameter 1)",
        "0x1D5 | TPM_RC_SIZE (0x1d5, parameter 1)",
        "0x1DA | TPM_RC_INSUFFICIENT (0x1da, parameter 1)",
        "0x095 | TPM_RC_SIZE (0x95)",
        "0x184 | TPM_RC_VALUE (0x184, handle 1)",
        "0x1C4 | TPM_RC_VALUE (0x1c4, parameter 1)",
        "0x28B | TPM_RC_HANDLE (0x28b, handle 2)",
        "0x125 | TPM_RC_AUTH_MISSING (0x125)",
        "0x128 | TPM_RC_PCR_CHANGED (0x128)",
        "0x12F | TPM_RC_AUTH_UNAVAILABLE (0x12f)",
        "0x142 | TPM_RC_COMMAND_SIZE (0x142)",
        "0x14A | TPM_RC_NV_UNINITIALIZED (0x14a)",
        "0x155 | TPM_RC_SENSITIVE (0x155)",
        "0x0A7 | TPM_RC_ECC_POINT (0xa7)",
        "0x910 | TPM_RC_REFERENCE_H0 (0x910)",
        "0x91E | TPM_RC_REFERENCE_S6 (0x91e)",
        "0x922 | TPM_RC_RETRY (0x922)",
        "0x923 | TPM_RC_NV_UNAVAILABLE (0x923)",
        "0x97F | unknown code (0x97f)",
        "0xB0143 | command not implemented by the chip (0xb0143)",
        "0xA000A | unknown code (0xa000a)"
      })
  void given_a_code_when_printed_then_name_number_and_place(String code, String text) {
    assertThat(new ResponseCode(Integer.decode(code))).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0x100, Cairn at its start",
    "0x101, failure mode",
    "0x907, locality 0",
    "0x9A2, password"
  })
  void given_a_code_with_a_remedy_when_printed_then_it_is_named(String code, String remedy) {
    assertThat(new ResponseCode(Integer.decode(code)).toString()).contains(remedy);
  }

  @ParameterizedTest
  @CsvSource({"0x9A2, 'TPM_RC_BAD_AUTH (0x9a2, session 1)'"})
  void given_a_session_s_fault_when_printed_then_the_session_is_the_place(
      String code, String text) {
    assertThat(new ResponseCode(Integer.decode(code)).toString()).startsWith(text);
  }
}
