package dev.cairn.backend.tpm.quote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.testing.SeededTest;
import dev.cairn.testing.Vectors;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The report that says on Azure whose the attestation key is. */
class HclReportTest {
  private static final Bytes REAL = Bytes.owning(Vectors.bytes("coco/az-snp-vtpm_hcl-report.bin"));

  private static Quote with(Quote quote, Bytes report) {
    TreeMap<String, Bytes> parts = new TreeMap<>(quote.parts());
    parts.put("hcl_report", report);
    return Quote.of(quote.type(), parts, quote.values());
  }

  private static List<String> failures(Quote quote) throws MalformedEvidenceException {
    QuoteVerdict verdict = new TpmQuoteVerifier().verify(quote);
    return verdict.checks().stream().filter(c -> !c.passed()).map(Check::name).toList();
  }

  private static Bytes changed(Bytes report, int offset, int value) {
    byte[] bytes = report.toArray();
    bytes[offset] = (byte) value;
    return Bytes.owning(bytes);
  }

  @Test
  void givenAQuoteOfAnAzureVm_whenItsReportIsThere_thenItIsAboutTheKey() throws Exception {
    Quote quote = QuoteVectors.azure("coco/az-snp-vtpm_evidence-v2.json");
    Bytes report = QuoteVectors.hclReport("coco/az-snp-vtpm_evidence-v2.json");

    assertThat(failures(with(quote, report))).isEmpty();
    assertThat(new TpmQuoteVerifier().verify(with(quote, report)).notes())
        .anyMatch(note -> note.startsWith("hcl_report: who signed"));
  }

  @Test
  void givenAQuoteOfAnAzureVmWithTdx_whenItsReportIsThere_thenItIsAboutTheKey() throws Exception {
    Quote quote = QuoteVectors.azure("coco/az-tdx-vtpm_evidence-v1.json");
    Bytes report = QuoteVectors.hclReport("coco/az-tdx-vtpm_evidence-v1.json");

    assertThat(failures(with(quote, report))).isEmpty();
  }

  @Test
  void givenAReportAboutAnotherKey_whenVerified_thenItFails() throws Exception {
    SoftTpm tpm = SoftTpm.rsa(2048, HashAlgorithm.SHA256);
    Quote quote = tpm.quote(1);

    assertThat(failures(with(quote, HclReports.about(tpm.keys.getPublic())))).isEmpty();
    assertThat(failures(with(quote, REAL))).containsExactly("hcl_report");
  }

  @Test
  void givenATextThatTheProcessorDidNotReport_whenVerified_thenItFails() throws Exception {
    SoftTpm tpm = SoftTpm.rsa(2048, HashAlgorithm.SHA256);
    Bytes report = HclReports.about(tpm.keys.getPublic());

    assertThat(failures(with(tpm.quote(1), changed(report, 32 + 0x50, 0x99))))
        .containsExactly("hcl_report");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, needs 'HCLA'",
    "1224, 3, kind of report 3",
    "1228, 9, hash 9",
    "1235, 1, JSON of",
    "1236, 0, its JSON",
    "1248, 88, names no key"
  })
  void givenADamagedReport_whenParsed_thenTheFieldIsNamed(int offset, int value, String message) {
    assertThatThrownBy(() -> HclReport.parse(changed(REAL, offset, value)))
        .isInstanceOf(MalformedEvidenceException.class)
        .hasMessageContaining("hcl_report")
        .hasMessageContaining(message);
  }

  @SeededTest
  void hostileReportsAreRefusedOrParsedAndNothingElse(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = REAL.slice(0, random.nextInt(REAL.length() + 1)).toArray();
    for (int i = 0; i < 8 && bytes.length > 0; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    try {
      assertThat(HclReport.parse(Bytes.owning(bytes)).modulus().signum()).isNotNegative();
    } catch (MalformedEvidenceException e) {
      assertThat(e).hasMessageContaining("hcl_report");
    }
  }
}
