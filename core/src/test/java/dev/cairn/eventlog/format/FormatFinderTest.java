package dev.cairn.eventlog.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.Bytes;
import dev.cairn.testing.Json;
import dev.cairn.testing.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FormatFinderTest {
  /** Formats as expected.json calls them; what is not a log is nothing. */
  private static final Map<String, Optional<LogFormat>> FORMATS =
      Map.ofEntries(
          Map.entry("tcg2", Optional.of(LogFormat.TCG2)),
          Map.entry("tcg2-ccel", Optional.of(LogFormat.TCG2)),
          Map.entry("tcg1.2", Optional.of(LogFormat.TCG1)),
          Map.entry("ima-binary", Optional.of(LogFormat.IMA)),
          Map.entry("ima-binary-sha1", Optional.of(LogFormat.IMA)),
          Map.entry("ima-binary-sha256", Optional.of(LogFormat.IMA)),
          Map.entry("ima-binary-sha384", Optional.of(LogFormat.IMA)),
          Map.entry("ima-ascii", Optional.of(LogFormat.IMA_ASCII)),
          Map.entry("aael-text-v1", Optional.of(LogFormat.AAEL_TEXT)),
          Map.entry("cel-tlv", Optional.of(LogFormat.CEL_TLV)),
          Map.entry("cel-cbor", Optional.of(LogFormat.CEL_CBOR)),
          Map.entry("cel-json", Optional.of(LogFormat.CEL_JSON)),
          Map.entry("json-seq", Optional.of(LogFormat.SYSTEMD)),
          Map.entry("json-lines", Optional.of(LogFormat.SYSTEMD)),
          Map.entry("dstack-json", Optional.of(LogFormat.DSTACK)));

  static Stream<Arguments> vectors() {
    List<Arguments> vectors = new ArrayList<>();
    Json.parseObject(Vectors.bytes("expected.json"))
        .forEach((name, file) -> vectors.add(vector(name, Json.object(file))));
    Json.parseObject(Vectors.bytes("boot/expected.json"))
        .forEach(
            (folder, guest) ->
                Json.object(Json.object(guest), "logs")
                    .forEach(
                        (name, log) ->
                            vectors.add(vector("boot/" + folder + "/" + name, Json.object(log)))));
    return vectors.stream();
  }

  private static Arguments vector(String name, Map<String, Object> file) {
    Optional<LogFormat> format =
        FORMATS.getOrDefault(String.valueOf(file.get("format")), Optional.empty());
    return Arguments.of(name, name.startsWith("fapi/") ? Optional.of(LogFormat.FAPI) : format);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void whenAVectorIsRead_thenItsFormatIsRecognised(String name, Optional<LogFormat> format) {
    assertThat(FormatFinder.find(Bytes.owning(Vectors.bytes(name)))).isEqualTo(format);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void whenOnlyTheFirst64KibAreSeen_thenTheAnswerIsTheSame(
      String name, Optional<LogFormat> format) {
    Bytes all = Bytes.owning(Vectors.bytes(name));

    assertThat(FormatFinder.find(all.slice(0, Math.min(all.length(), 1 << 16)))).isEqualTo(format);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "cel-json,     ` [ ]`",
        "cel-json,     `[{\"recnum\":0,\"pcr\":1`",
        "cel-json-seq, `\u001e{\"recnum\":0,\"pcr\":1}`",
        "cel-json-seq, `\u001e{\"recnum\":0,\"content_type\":\"systemd\",\"content\":\"00\"}`",
        "systemd,      `\u001e{\"pcr\":1,\"content_type\":\"systemd\",\"content\":{}}`",
        "dstack,       `{\"event\":\"app-id\",\"payload\":\"3q2+7w==\"}`",
        "dstack,       `[{\"imr\":0,\"event_type\":1,\"digest\":\"\"}]`",
        "fapi,         `[{\"recnum\":0},{\"content_type\":\"tss2\"}]`",
        "aael-text,    `INIT sha384/00`",
      })
  void whenTextIsRead_thenItsKeysTell(String label, String text) {
    assertThat(FormatFinder.find(Bytes.owning(text.getBytes(UTF_8))).map(LogFormat::label))
        .contains(label);
  }

  @ParameterizedTest
  @CsvSource({
    "tcg1.2, 07000000040000009069ca78e7450a285173431b3e52c5c25299e4730400000000000000",
    "cel-json, 5b",
    "cel-cbor, 80",
    "cel-cbor, 81a5000001100381",
    "cel-cbor, 9a00010000a50000",
    "cel-cbor-seq, a5000001100381",
    "cel-tlv, 0000000008",
    "cel-tlv, 00000000010001000000011003",
    "cel-tlv, 0000000000020000000401c10000",
  })
  void whenBytesAreRead_thenTheirLayoutTells(String label, String hex) {
    assertThat(FormatFinder.find(Bytes.fromHex(hex)).map(LogFormat::label)).contains(label);
  }

  @ParameterizedTest
  @CsvSource({
    "00",
    "ff",
    "1f8b0800",
    "7b7d",
    "a101",
    "83010203",
    "000000000000000000000000000000000000000000000000000000000000000000000000",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
  })
  void whenNothingFits_thenNothingIsGuessed(String hex) {
    assertThat(FormatFinder.find(Bytes.fromHex(hex))).isEmpty();
  }

  @Test
  void whenThereAreNoBytes_thenItIsAnEmptyCelTlvLog() {
    assertThat(FormatFinder.find(Bytes.EMPTY)).contains(LogFormat.CEL_TLV);
  }
}
