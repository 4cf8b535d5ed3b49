package dev.cairn.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tpm.testing.RawTpm;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.cli.doctor.Finding.Level;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TpmCheckTest {
  @TempDir Path root;

  private static List<String> texts(List<Finding> findings, String subject) {
    return findings.stream()
        .filter(finding -> finding.subject().equals(subject))
        .map(Finding::text)
        .toList();
  }

  @Test
  void given_no_TPM_when_none_is_wanted_then_that_is_no_fault() {
    assertThat(TpmCheck.look(root, Map.of(), false))
        .allMatch(finding -> finding.level() == Level.NOTE)
        .anyMatch(finding -> finding.text().startsWith("no TPM here"));
  }

  @Test
  void given_no_TPM_when_one_is_wanted_then_it_is_bad() {
    assertThat(TpmCheck.look(root, Map.of(), true))
        .anyMatch(finding -> finding.level() == Level.BAD);
  }

  @Test
  void given_a_file_in_the_place_of_a_node_when_asked_then_that_is_said() throws Exception {
    Path node = Files.createFile(Files.createDirectories(root.resolve("dev")).resolve("tpmrm0"));

    assertThat(
            texts(TpmCheck.look(root, Map.of("tpm", "device:" + node), false), "chip").toString())
        .contains("not a character device");
  }

  @Test
  void given_sysfs_when_asked_then_for_reading_only() {
    assertThat(texts(TpmCheck.look(root, Map.of("tpm", "sysfs:/sys/class/tpm/tpm0"), true), "chip"))
        .containsExactly("sysfs:/sys/class/tpm/tpm0: registers are shown and none can be extended");
  }

  @Nested
  class GivenSwtpm {
    private Swtpm swtpm;

    @BeforeEach
    void start() throws Exception {
      swtpm = Swtpm.start();
    }

    @AfterEach
    void stop() throws Exception {
      swtpm.close();
    }

    private List<Finding> look(String... registers) {
      return TpmCheck.look(
          root,
          registers.length == 0
              ? Map.of("tpm", swtpm.address())
              : Map.of("tpm", swtpm.address(), "registers", registers[0]),
          true);
    }

    @Test
    void when_asked_then_maker_banks_and_localities() throws Exception {
      List<Finding> findings = look();

      assertThat(texts(findings, "chip").toString())
          .contains(swtpm.address() + ": IBM SW   TPM, revision 1.64, firmware 0x");
      assertThat(texts(findings, "banks")).containsExactly("sha1, sha256, sha384, sha512");
      assertThat(texts(findings, "locality").get(0)).endsWith("pcr15, pcr16, pcr23");
      assertThat(texts(findings, "locality").get(1)).endsWith(": pcr16, pcr23");
      assertThat(texts(findings, "registers"))
          .containsExactly(
              "pcr14 can be extended; by convention used by shim (MOK); untouched so far");
      assertThat(findings).noneMatch(finding -> finding.level() == Level.BAD);
    }

    @Test
    void when_a_register_was_extended_then_it_is_not_among_the_untouched() throws Exception {
      try (RawTpm other = swtpm.connect()) {
        other.extend(14, DigestSet.of(HashAlgorithm.SHA1.hash(Bytes.EMPTY)));
      }

      assertThat(texts(look(), "untouched").get(0))
          .contains("pcr10 (IMA), ")
          .doesNotContain("pcr14", "pcr16");
      assertThat(texts(look(), "registers").get(0))
          .endsWith("extended since the boot, by Cairn or others");
    }

    @Test
    void when_registers_cannot_be_extended_then_each_is_bad_with_its_reason() {
      assertThat(look("pcr14,pcr17,pcr23"))
          .filteredOn(finding -> finding.level() == Level.BAD)
          .extracting(Finding::text)
          .hasSize(2)
          .anyMatch(text -> text.contains("pcr17: belongs to the dynamic launch"))
          .anyMatch(text -> text.contains("pcr23: every process"));
    }

    @Test
    void when_it_is_not_started_up_then_it_stays_so() throws Exception {
      swtpm.init();

      for (int i = 0; i < 2; i++) {
        assertThat(look())
            .filteredOn(finding -> finding.subject().equals("chip"))
            .hasSize(1)
            .allMatch(finding -> finding.level() == Level.NOTE)
            .allMatch(finding -> finding.text().contains("TPM_RC_INITIALIZE"));
      }
    }

    @Test
    void when_somebody_else_is_connected_then_the_cause_is_named() throws Exception {
      try (RawTpm other = swtpm.connect()) {
        other.counts();
        assertThat(
                TpmCheck.look(root, Map.of("tpm", swtpm.address(), "device-timeout", "100"), true))
            .filteredOn(finding -> finding.subject().equals("chip"))
            .hasSize(1)
            .allMatch(finding -> finding.level() == Level.WARNING)
            .allMatch(finding -> finding.text().contains("no answer within 100 ms"))
            .allMatch(finding -> finding.text().contains("one client at a time"));
      }
    }
  }
}
