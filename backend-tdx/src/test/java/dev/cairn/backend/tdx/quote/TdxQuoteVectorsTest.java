package dev.cairn.backend.tdx.quote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Json;
import dev.cairn.testing.Vectors;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Real quotes and a real TDREPORT hold what their expected values say. */
class TdxQuoteVectorsTest {
  static Stream<String> quotes() {
    return RealQuotes.FILES.stream();
  }

  private static Map<String, Object> expected(String name) {
    return Json.object(Json.parseObject(Vectors.bytes("expected.json")), name);
  }

  private static Bytes value(Map<RegisterId, DigestSet> values, RegisterId register) {
    return values.getOrDefault(register, DigestSet.EMPTY).at(0).value();
  }

  private static void assertValues(TdInfo td, String name) {
    Map<String, Object> expected = expected(name);
    Map<RegisterId, DigestSet> values = td.values();
    assertThat(values).hasSize(5);
    for (int i = 0; i < 4; i++) {
      assertThat(value(values, RegisterId.rtmr(i)).toHex())
          .isEqualTo(Json.object(expected, "sha384").get("" + i));
    }
  }

  @ParameterizedTest
  @MethodSource("quotes")
  void givenAQuote_whenParsed_thenItsRegistersAreTheExpectedOnes(String name) throws IOException {
    assertValues(TdxQuote.parse(RealQuotes.all().getOrDefault(name, Bytes.EMPTY)).td(), name);
  }

  @ParameterizedTest
  @MethodSource("quotes")
  void givenAQuote_whenParsed_thenTheRestIsAsExpectedToo(String name) throws IOException {
    Map<String, Object> info = Json.object(expected(name), "info");
    if (!info.containsKey("mrtd")) {
      return; // the file that holds a quote among other things
    }
    TdxQuote quote = TdxQuote.parse(RealQuotes.file(name));
    assertThat(quote.td().mrtd().toHex()).isEqualTo(info.get("mrtd"));
    assertThat(quote.td().mrConfigId().toHex()).isEqualTo(info.get("mrconfigid"));
    assertThat(quote.reportData().toHex()).isEqualTo(info.get("reportdata"));
  }

  @ParameterizedTest
  @CsvSource({
    "tdx/cos-113-tdx-quote.dat, 4, 0x178, 0x238, 0x278, 3065",
    "tdx/ccapi_quote.bin, 4, 0x178, 0x238, 0x278, 70",
    "tdx/tdx_quote_5.dat, 5, 0x17E, 0x23E, 0x2BE, 0"
  })
  void givenAQuote_whenParsed_thenEveryFieldIsWhereItsVersionHasIt(
      String name, int version, String rtmr0, String reportData, String signature, int trailing)
      throws IOException {
    Bytes bytes = RealQuotes.file(name);
    TdxQuote quote = TdxQuote.parse(bytes);
    int at = Integer.decode(rtmr0);
    assertThat(quote.version()).isEqualTo(version);
    assertThat(quote.td().rtmrs())
        .isEqualTo(
            List.of(
                bytes.slice(at, at + 48),
                bytes.slice(at + 48, at + 96),
                bytes.slice(at + 96, at + 144),
                bytes.slice(at + 144, at + 192)));
    assertThat(quote.reportData().isAt(bytes.toArray(), Integer.decode(reportData))).isTrue();
    assertThat(quote.signed().length()).isEqualTo(Integer.decode(signature));
    assertThat(quote.trailing().length()).isEqualTo(trailing);
  }

  @ParameterizedTest
  @CsvSource({"quote-after-boot, after_boot", "quote-after-three-extends, after_three_extends"})
  void givenAQuoteOfAStandInForTheModule_whenParsed_thenItHasValuesAndNoSignature(
      String file, String moment) throws IOException {
    Map<String, Object> registers =
        Json.object(Json.parseObject(Vectors.bytes("boot/ccel-synthetic/registers.json")), moment);
    TdxQuote quote = TdxQuote.parse(RealQuotes.file("boot/ccel-synthetic/" + file + ".bin"));
    quote
        .td()
        .values()
        .forEach(
            (id, value) ->
                assertThat(value.at(0).value().toHex()).isEqualTo(registers.get(id.name())));
    assertThat(quote.signature().isEmpty()).isTrue();
  }

  @Test
  void givenATdReport_whenParsed_thenItsRegistersAreTheExpectedOnes() throws IOException {
    TdReport report = TdReport.parse(RealQuotes.file("tdx/tdx_report_1.bin"));
    Map<String, Object> info = Json.object(expected("tdx/tdx_report_1.bin"), "info");
    assertValues(report.td(), "tdx/tdx_report_1.bin");
    assertThat(report.td().mrtd().toHex()).isEqualTo(info.get("mrtd"));
    assertThat(report.td().mrConfigId().toHex()).isEqualTo(info.get("mrconfigid"));
    assertThat(report.reportData().toHex()).isEqualTo(info.get("reportdata"));
  }
}
