package dev.cairn.replay;

import static dev.cairn.measure.HashAlgorithm.SHA256;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Json;
import dev.cairn.testing.Logs;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The logs of real guests against the PCR values that were read at the same moment. */
class BootVerificationTest {
  private static final Set<HashAlgorithm> ALL_BANKS = EnumSet.allOf(HashAlgorithm.class);
  private static final Set<String> ALL_PCRS =
      IntStream.range(0, 24).mapToObj(Integer::toString).collect(Collectors.toSet());

  @ParameterizedTest
  @MethodSource("dev.cairn.replay.Boot#all")
  void whenComparedWithThePcrs_thenEveryExplainedOneMatchesInEveryBank(Boot boot)
      throws IOException {
    VerificationReport report = boot.verify(boot.logs(), boot.explainedPcrs());

    assertThat(report.comparisons()).allMatch(RegisterComparison::passes);
    assertThat(report.ok()).isTrue();
    assertThat(report.divergences()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"CEL_TLV", "CEL_JSON", "CEL_JSON_SEQ", "TCG2"})
  void whenTheFirmwareLogIsConverted_thenItStillMatches(LogFormat format) throws IOException {
    Boot boot = Boot.of("secureboot-shim-grub-6.1");
    LogSource log = converted(boot.log("binary_bios_measurements"), format);
    Set<String> pcrs = Set.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "14");

    assertThat(boot.verify(List.of(log), boot.pcrs(pcrs, ALL_BANKS)).ok()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"CEL_TLV", "CEL_JSON", "CEL_JSON_SEQ"})
  void whenTheImaListIsConverted_thenItStillMatchesByBothRules(LogFormat format)
      throws IOException {
    Boot boot = Boot.of("secureboot-shim-grub-6.1");
    LogSource log = converted(boot.log("binary_runtime_measurements"), format);

    assertThat(boot.verify(List.of(log), boot.pcrs(Set.of("10"), ALL_BANKS)).ok()).isTrue();
  }

  private static LogSource converted(LogSource source, LogFormat format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Logs.write(EventLogs.writer(format, out), RecordLog.copyOf(source).records());
    return VectorLogs.of(source.name(), format.label(), out.toByteArray());
  }

  @Test
  void whenAKernelUsesBothRules_thenTheRuleOfEachBankIsReported() throws IOException {
    Boot boot = Boot.of("secureboot-shim-grub-6.1");
    VerificationReport report = boot.verify(boot.logs(), boot.pcrs(Set.of("10"), ALL_BANKS));

    assertThat(report.ok()).isTrue();
    assertThat(report.comparisons())
        .extracting(RegisterComparison::bank, RegisterComparison::rule)
        .containsExactly(
            tuple(HashAlgorithm.SHA1, null),
            tuple(HashAlgorithm.SHA256, Rule.TEMPLATE_DATA),
            tuple(HashAlgorithm.SHA384, Rule.PADDED_SHA1),
            tuple(HashAlgorithm.SHA512, Rule.PADDED_SHA1));
  }

  @Test
  void whenThePcrWasExtendedByHand_thenItIsSaidThatNoRecordDoes() throws IOException {
    Boot boot = Boot.of("ovmf-direct-7.3");
    VerificationReport report = boot.verify(boot.logs(), boot.pcrs(ALL_PCRS, ALL_BANKS));

    assertThat(report.ok()).isFalse();
    assertThat(report.divergences())
        .extracting(Divergence::register, Divergence::cause)
        .containsExactly(
            tuple(RegisterId.pcr(16), Divergence.Cause.NO_RECORD),
            tuple(RegisterId.pcr(23), Divergence.Cause.NO_RECORD));
  }

  @Test
  void whenTheTpmHasAnotherBankThanTheList_thenItIsDerived() throws IOException {
    Boot boot = Boot.of("bank-sha256-only");
    List<LogSource> sha1List = List.of(boot.log("binary_runtime_measurements_sha1"));
    VerificationReport report = boot.verify(sha1List, boot.pcrs(Set.of("10"), ALL_BANKS));

    assertThat(report.ok()).isTrue();
    assertThat(report.comparisons()).extracting(RegisterComparison::bank).containsExactly(SHA256);
  }

  @Nested
  class GivenAListThatWasExportedInParts {
    private final Boot boot = Boot.of("ima-staging-segments-7.3");
    private final RegisterValues pcr10 = boot.pcrs(Set.of("10"), Set.of(SHA256));
    private final LogSource rest = boot.log("binary_runtime_measurements_sha256");

    @Test
    void whenThePartsComeInOrder_thenTheyAreOneHistory() throws IOException {
      List<LogSource> parts =
          List.of(
              boot.log("segment-1.binary_runtime_measurements_sha256_staged"),
              boot.log("segment-2.binary_runtime_measurements_sha256_staged"),
              boot.log("segment-3.binary_runtime_measurements_sha256"),
              rest);

      assertThat(boot.verify(parts, pcr10).ok()).isTrue();
    }

    @Test
    void whenOnlyTheCurrentListIsThere_thenItDoesNotMatch() throws IOException {
      assertThat(boot.verify(List.of(rest), pcr10).ok()).isFalse();
    }
  }

  @Nested
  class GivenTheLogOfAConfidentialGuest {
    private final Boot boot = Boot.of("ccel-synthetic");

    private void put(Map<RegisterId, DigestSet> values, RegisterId id, Object hex) {
      Digest value = new Digest(HashAlgorithm.SHA384, Bytes.fromHex(String.valueOf(hex)));
      values.put(id, DigestSet.of(value));
    }

    private RegisterValues registers(String moment) {
      Map<RegisterId, DigestSet> values = new HashMap<>();
      Json.object(Json.parseObject(Vectors.bytes("boot/ccel-synthetic/registers.json")), moment)
          .forEach((name, hex) -> RegisterId.parse(name).ifPresent(id -> put(values, id, hex)));
      return RegisterValues.of(values);
    }

    @Test
    void whenComparedWithItsRegisters_thenTheyMatch() throws IOException {
      assertThat(boot.verify(boot.logs(), registers("after_boot")).ok()).isTrue();
    }

    @Test
    void whenTheRegistersWereExtendedSince_thenTheyDoNot() throws IOException {
      assertThat(boot.verify(boot.logs(), registers("after_three_extends")).ok()).isFalse();
    }
  }
}
