package dev.cairn.backend.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On files with the content that the kernel shows. */
class SysfsBackendTest {
  private static final RegisterId PCR14 = RegisterId.pcr(14);

  @TempDir Path folder;
  private final Map<String, String> settings = new java.util.HashMap<>();

  @BeforeEach
  void show() throws Exception {
    settings.put("tpm", "sysfs:" + folder);
    Files.writeString(folder.resolve("tpm_version_major"), "2\n");
    for (int pcr = 0; pcr < 24; pcr++) {
      show("pcr-sha1", pcr, "AB".repeat(20) + "\n");
      show("pcr-sm3", pcr, "0F".repeat(32) + "\n");
    }
  }

  private void show(String bank, int pcr, String text) throws Exception {
    Path file = Files.createDirectories(folder.resolve(bank)).resolve(Integer.toString(pcr));
    Files.writeString(file, text);
  }

  private MeasurementBackend open() throws BackendException {
    return new TpmProvider().open(settings);
  }

  @Test
  void given_values_when_read_then_those_of_all_banks() throws Exception {
    try (MeasurementBackend backend = open()) {
      assertThat(backend.registers()).hasSize(24);
      assertThat(backend.read(PCR14))
          .isEqualTo(
              DigestSet.of(
                  new Digest(HashAlgorithm.SHA1, Bytes.filled(20, 0xAB)),
                  new Digest(HashAlgorithm.SM3_256, Bytes.filled(32, 0x0F))));
      assertThat(backend.life().resetCount()).isEmpty();
      assertThat(backend.description()).contains("for reading only");
    }
  }

  @Test
  void given_sysfs_when_extended_then_refused_for_the_reason_that_its_registers_give()
      throws Exception {
    try (MeasurementBackend backend = open()) {
      DigestSet digests = DigestSet.filled(backend.registers().get(14).banks(), 1);
      assertThatThrownBy(() -> backend.extend(PCR14, digests))
          .hasMessageContaining("pcr14: extend NOT_EXECUTED")
          .hasMessageContaining(backend.registers().get(14).notExtendable().orElseThrow());
    }
  }

  @Test
  void given_registers_to_be_extended_when_opened_then_refused() {
    settings.put("registers", "pcr14");
    assertThatThrownBy(this::open)
        .hasMessageContaining("setting 'registers': 'pcr14', but sysfs extends nothing");
  }

  @Test
  void given_a_TPM_1_2_or_an_old_kernel_when_opened_then_refused() throws Exception {
    Files.writeString(folder.resolve("tpm_version_major"), "1\n");
    assertThatThrownBy(this::open).hasMessageContaining("a TPM of version 1, needs 2");
    Path old = Files.createDirectory(folder.resolve("old"));
    settings.put("tpm", "sysfs:" + old);
    assertThatThrownBy(this::open).hasMessageContaining("tpm_version_major: cannot be read");
    Files.writeString(old.resolve("tpm_version_major"), "2\n");
    assertThatThrownBy(this::open).hasMessageContaining("no pcr-… folders: needs kernel 5.12");
  }

  @Test
  void given_a_value_that_is_none_when_read_then_file_and_text_are_named() throws Exception {
    show("pcr-sha1", 14, "AB\n");
    try (MeasurementBackend backend = open()) {
      assertThatThrownBy(() -> backend.read(PCR14))
          .isInstanceOf(BackendException.class)
          .hasMessageContaining("pcr-sha1/14: 'AB'");
    }
  }

  @Test
  void given_closed_when_used_then_refused() throws Exception {
    MeasurementBackend backend = open();
    backend.close();
    backend.close();
    assertThatThrownBy(() -> backend.read(PCR14)).hasMessageContaining("closed");
    assertThatThrownBy(backend::life).hasMessageContaining("closed");
  }
}
