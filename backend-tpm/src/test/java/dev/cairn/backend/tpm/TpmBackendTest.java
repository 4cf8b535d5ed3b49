package dev.cairn.backend.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.BackendContract;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract, on one swtpm for all tests: registers may hold anything at start. */
class TpmBackendTest extends BackendContract {
  private static final RegisterId PCR14 = RegisterId.pcr(14);
  private static Swtpm tpm;

  @BeforeAll
  static void startTpm() throws Exception {
    tpm = Swtpm.start();
  }

  @AfterAll
  static void stopTpm() throws Exception {
    tpm.close();
  }

  @Override
  protected MeasurementBackend open() throws Exception {
    return new TpmProvider().open(Map.of("tpm", tpm.address()));
  }

  @Override
  protected RegisterId extendable() {
    return PCR14;
  }

  @Override
  protected RegisterId unknown() {
    return RegisterId.pcr(24);
  }

  private RegisterDescriptor register(int pcr) {
    return backend.registers().get(pcr);
  }

  @Test
  void given_swtpm_when_asked_for_registers_then_all_24_in_four_banks() {
    assertThat(backend.registers())
        .extracting(RegisterDescriptor::id)
        .containsExactlyElementsOf(IntStream.range(0, 24).mapToObj(RegisterId::pcr).toList());
    assertThat(backend.registers())
        .allSatisfy(
            register ->
                assertThat(register.banks())
                    .containsExactly(
                        HashAlgorithm.SHA1,
                        HashAlgorithm.SHA256,
                        HashAlgorithm.SHA384,
                        HashAlgorithm.SHA512));
  }

  @Test
  void given_no_setting_when_asked_for_registers_then_only_PCR_14_is_ours() {
    assertThat(backend.registers())
        .filteredOn(register -> register.notExtendable().isEmpty())
        .extracting(RegisterDescriptor::id)
        .containsExactly(PCR14);
    assertThat(register(10).notExtendable())
        .contains("not Cairn's by configuration (registers: pcr14); used by IMA");
    assertThat(register(17).notExtendable().orElseThrow()).contains("dynamic launch");
  }

  @Test
  void given_PCRs_when_asked_for_their_reset_values_then_ones_where_only_a_launch_resets() {
    assertThat(backend.registers())
        .filteredOn(register -> register.resetValue().at(0).value().isFilledWith(0xFF))
        .extracting(register -> register.id().index())
        .containsExactly(17L, 18L, 19L, 20L, 21L, 22L);
    assertThat(backend.registers())
        .filteredOn(RegisterDescriptor::resettable)
        .extracting(register -> register.id().index())
        .containsExactly(16L, 23L);
  }

  @Test
  void given_PCRs_that_nobody_extended_when_read_then_they_hold_their_reset_values()
      throws Exception {
    for (RegisterDescriptor register : backend.registers()) {
      if (register.notExtendable().isPresent()) {
        assertThat(backend.read(register.id())).isEqualTo(register.resetValue());
      }
    }
  }

  @Test
  void given_an_extended_PCR_when_tpm2_tools_read_it_then_all_banks_are_equal() throws Exception {
    backend.extend(PCR14, digests("for others to see"));
    DigestSet value = backend.read(PCR14);
    backend.close(); // swtpm serves one client at a time

    String printed = tpm.run("tpm2_pcrread", "sha1:14+sha256:14+sha384:14+sha512:14");

    List<String> theirs =
        Pattern.compile("14\\s*: 0x([0-9A-F]+)")
            .matcher(printed)
            .results()
            .map(match -> match.group(1).toLowerCase(Locale.ROOT))
            .toList();
    List<String> ours = IntStream.range(0, 4).mapToObj(i -> value.at(i).value().toHex()).toList();
    assertThat(theirs).isEqualTo(ours);
  }

  @Test
  void given_the_TPM_when_described_then_maker_address_and_banks_are_named() {
    assertThat(backend.description())
        .startsWith("TPM 2.0 at unix:")
        .contains("IBM SW   TPM, firmware 0x2")
        .endsWith("banks sha1, sha256, sha384, sha512");
    assertThat(backend.name()).isEqualTo("tpm");
  }

  @Test
  void given_a_life_when_asked_then_boot_id_and_both_counts() throws Exception {
    assertThat(backend.life().bootId()).hasSize(36);
    assertThat(backend.life().resetCount()).isPresent();
    assertThat(backend.life().restartCount()).hasValue(0);
  }
}
