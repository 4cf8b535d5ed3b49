package dev.cairn.coco;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Json;
import dev.cairn.testing.Vectors;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CocoEvidenceTest {
  private static final RegisterId MR1 = new RegisterId(RegisterId.Kind.CCMR, 1);

  @TempDir Path folder;

  private static Bytes base64(String text) {
    return Bytes.owning(Base64.getDecoder().decode(text));
  }

  private static String json(CocoEvidence evidence) throws Exception {
    byte[] bytes = evidence.open().readAllBytes();
    assertThat(evidence.length()).isEqualTo(bytes.length);
    return new String(bytes, US_ASCII);
  }

  @Test
  void givenOneEventOnTheSample_whenAsked_thenTheEvidenceIsTheForksByteForByte() throws Exception {
    Hasher hasher = new Hasher();
    var event = AaelText.STRICT.event("domain", "operation", "content");
    DigestSet digests = hasher.hash(List.of(HashAlgorithm.SHA256), event.data());
    DigestSet value = hasher.extend(DigestSet.filled(List.of(HashAlgorithm.SHA256), 0), digests);
    Quote quote = Quote.of("emulator", Map.of(), Map.of(MR1, value));
    Bytes reportData = base64("eHKhpd538F3IVW+15DUl72JuJf7w9PffBz/oGaLxGLJ8sNzYbky1gg7D+F0YgbYT");
    RecordsOnly snapshot = new RecordsOnly(List.of(new EventRecord(0, MR1, digests, event)));

    try (CocoLog log = CocoLog.open(folder, HashAlgorithm.SHA256, LogHeader.FORK, null)) {
      assertThat(
              json(CocoEvidence.of(CocoPlatform.SAMPLE, reportData, quote, log.upTo(snapshot, 1))))
          .isEqualTo(
              "{\"cc_eventlog\":\"AAAAAAMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACkAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                  + "AAAAAAADAAAADAAwABIAIAALACAAAAEAAAAGAAAAAQAAAAsARt+NrPAKB9NKg831bXl4aXeQeHzyuhQy73w4"
                  + "8izZY1EgAAAATEVBQRgAAABkb21haW4gb3BlcmF0aW9uIGNvbnRlbnT//////////w==\","
                  + "\"measure_register\":\"14adddd6f695b5ea739479ff662bed8ae19b3051977f2cc16a2ee32a719e6032\","
                  + "\"report_data\":\"eHKhpd538F3IVW+15DUl72JuJf7w9PffBz/oGaLxGLJ8sNzYbky1gg7D+F0YgbYT\","
                  + "\"svn\":\"1\"}");
    }
  }

  @Test
  void givenNoLog_whenAskedOnTdx_thenItIsNull() throws Exception {
    Quote quote = Quote.of("tdx", Map.of("quote", Bytes.fromHex("0400")), Map.of());

    assertThat(json(CocoEvidence.of(CocoPlatform.TDX, Bytes.EMPTY, quote, Optional.empty())))
        .isEqualTo("{\"cc_eventlog\":null,\"quote\":\"BAA=\"}");
  }

  @Test
  void givenTheQuoteOfARealVtpm_whenAsked_thenTheEvidenceIsItsOwn() throws Exception {
    Map<String, Object> real = Json.parseObject(Vectors.bytes("coco/az-snp-vtpm_evidence-v2.json"));
    Map<String, Object> tpm = Json.object(real, "tpm_quote");
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    List<?> pcrs = Json.list(tpm, "pcrs");
    for (int i = 0; i < pcrs.size(); i++) {
      values.put(
          RegisterId.pcr(i),
          DigestSet.of(new Digest(HashAlgorithm.SHA256, Bytes.fromHex((String) pcrs.get(i)))));
    }
    Quote quote =
        Quote.of(
            "tpm2",
            Map.of(
                "attest", Bytes.fromHex(Json.text(tpm, "message")),
                "signature", Bytes.fromHex("0014000b0100" + Json.text(tpm, "signature")),
                "hcl_report",
                    Bytes.owning(Base64.getUrlDecoder().decode(Json.text(real, "hcl_report"))),
                "vcek", Bytes.owning(Base64.getUrlDecoder().decode(Json.text(real, "vcek")))),
            values);

    String evidence =
        json(CocoEvidence.of(CocoPlatform.AZ_SNP_VTPM, Bytes.EMPTY, quote, Optional.empty()));

    assertThat(evidence).startsWith("{\"cc_eventlog\":null,");
    Map<String, Object> made = Json.parseObject(evidence.getBytes(US_ASCII));
    made.remove("cc_eventlog");
    assertThat(made).isEqualTo(real);
  }

  @Test
  void givenAnEccKey_whenAnRsaSignatureIsNeeded_thenRefusedWithTheRemedy() {
    Quote quote =
        Quote.of(
            "tpm2",
            Map.of(
                "attest", Bytes.EMPTY,
                "hcl_report", Bytes.EMPTY,
                "vcek", Bytes.EMPTY,
                "signature", Bytes.fromHex("0018000b00200000")),
            pcrs());

    assertThatThrownBy(
            () -> CocoEvidence.of(CocoPlatform.AZ_SNP_VTPM, Bytes.EMPTY, quote, Optional.empty()))
        .hasMessageContaining("'attestation-key' to an RSA key");
  }

  private static Map<RegisterId, DigestSet> pcrs() {
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    for (int i = 0; i < 24; i++) {
      values.put(RegisterId.pcr(i), DigestSet.filled(List.of(HashAlgorithm.SHA256), 0));
    }
    return values;
  }

  @Test
  void givenAMissingPart_whenAsked_thenItIsNamed() {
    Quote quote = Quote.of("tpm2", Map.of("attest", Bytes.EMPTY), pcrs());

    assertThatThrownBy(
            () -> CocoEvidence.of(CocoPlatform.TPM_KEYLIME, Bytes.EMPTY, quote, Optional.empty()))
        .hasMessageContaining("no part 'key'");
  }

  @Test
  void givenReportData_whenQuoted_thenItsLengthFollowsThePlatformsRule() {
    Bytes long48 = Bytes.filled(48, 7);

    assertThat(CocoEvidence.request(CocoPlatform.TPM, long48).nonce())
        .isEqualTo(Bytes.filled(32, 7));
    assertThat(CocoEvidence.request(CocoPlatform.TPM, Bytes.fromHex("aa")).nonce().toHex())
        .isEqualTo("aa" + "00".repeat(31));
    assertThat(CocoEvidence.request(CocoPlatform.AZ_SNP_VTPM, long48).nonce()).isEqualTo(long48);
    assertThat(CocoEvidence.request(CocoPlatform.TDX, long48).nonce()).isEqualTo(long48);
    assertThat(CocoEvidence.request(CocoPlatform.SAMPLE, Bytes.filled(1000, 1)).nonce())
        .isEqualTo(Bytes.EMPTY);
    assertThatThrownBy(() -> CocoEvidence.request(CocoPlatform.TDX, Bytes.filled(65, 1)))
        .hasMessageContaining("at most 64");
  }
}
