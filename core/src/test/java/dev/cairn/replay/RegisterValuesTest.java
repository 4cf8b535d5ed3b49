package dev.cairn.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.eventlog.Limits;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegisterValuesTest {
  private static final String HEX = "ab".repeat(20);

  private static RegisterValues read(String json) throws IOException {
    return RegisterValues.read(new ByteArrayInputStream(json.getBytes(UTF_8)), Limits.DEFAULT);
  }

  private static String write(RegisterValues values) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      values.writeMembers(json);
      json.writeEndObject();
    }
    return text.toString();
  }

  @Nested
  class GivenADocument {
    @ParameterizedTest
    @CsvSource({
      "pcr, 10, pcr10",
      "ccmr, 0, mrtd",
      "ccmr, 3, rtmr2",
      "rtmr, 2, rtmr2",
      "nv, 30474752, nv0x01d10200",
      "mixed, rtmr2, rtmr2",
    })
    void whenReading_thenKeysAreInTheNumberingThatItNames(
        String numbering, String key, String register) throws IOException {
      RegisterValues values =
          read(
              "{'registers':'%s','sha1':{'%s':'%s'}}"
                  .formatted(numbering, key, HEX)
                  .replace('\'', '"'));

      assertThat(values.asMap()).containsOnlyKeys(RegisterId.parse(register).orElseThrow());
    }

    @Test
    void whenTheNumberingComesLastAndInInfo_thenItServes() throws IOException {
      RegisterValues values =
          read(
              "{\"format\":\"tcg2\",\"sha1\":{\"1\":\"%s\"},\"error\":null,\"info\":{\"x\":[{}],\"registers\":\"rtmr\"}}"
                  .formatted(HEX));

      assertThat(values.asMap()).containsOnlyKeys(RegisterId.rtmr(1));
    }

    @Test
    void whenHexIsUpperCase_thenItIsTheSameValue() throws IOException {
      RegisterValues values = read("{\"sha1\":{\"pcr3\":\"%s\"}}".formatted("AB".repeat(20)));

      assertThat(values.find(RegisterId.pcr(3), HashAlgorithm.SHA1)).hasToString("sha1:" + HEX);
    }

    @Test
    void whenWrittenAndReadBack_thenItIsTheSame() throws IOException {
      RegisterValues values =
          RegisterValues.of(
              Map.of(
                  RegisterId.rtmr(2),
                  DigestSet.filled(List.of(HashAlgorithm.SHA384), 7),
                  RegisterId.MRTD,
                  DigestSet.filled(List.of(HashAlgorithm.SHA384), 9)));

      assertThat(read(write(values))).isEqualTo(values);
    }
  }

  @Nested
  class GivenValues {
    @Test
    void whenWriting_thenBanksAndRegistersAscend() throws IOException {
      RegisterValues values =
          RegisterValues.of(
              Map.of(
                  RegisterId.pcr(10),
                  DigestSet.filled(List.of(HashAlgorithm.SHA256, HashAlgorithm.SHA1), 1),
                  RegisterId.pcr(9),
                  DigestSet.filled(List.of(HashAlgorithm.SHA1), 2)));

      assertThat(write(values))
          .isEqualTo(
              "{\"registers\":\"pcr\",\"sha1\":{\"9\":\"%s\",\"10\":\"%s\"},\"sha256\":{\"10\":\"%s\"}}"
                  .formatted("02".repeat(20), "01".repeat(20), "01".repeat(32)));
    }

    @Test
    void whenKindsDiffer_thenKeysAreNames() throws IOException {
      DigestSet value = DigestSet.filled(List.of(HashAlgorithm.SHA1), 1);

      assertThat(
              write(RegisterValues.of(Map.of(RegisterId.pcr(1), value, RegisterId.rtmr(1), value))))
          .contains("mixed", "\"pcr1\"", "\"rtmr1\"");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          []                                                             | needs one JSON object
          {                                                              | line 1
          {"registers":"pcr"}                                            | no register value
          {"registers":"pcrs"}                                           | registers: 'pcrs'
          {"registers":7}                                                | registers
          {"info":{"registers":"mr"}}                                    | info.registers: 'mr'
          {"sha1":[]}                                                    | sha1: needs an object
          {"sha1":{"0":1}}                                               | sha1.0: needs a string
          {"sha1":{"0":"ab"}}                                            | sha1.0: 2 hexadecimal digits, needs 40
          {"sha1":{"0":"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"}}      | is not hexadecimal
          {"sha1":{"0":"abababababababababababababababababababab"}}      | registers: missing
          {"registers":"pcr","sha1":{"x":"abababababababababababababababababababab"}} | 'x' is no register
          {"registers":"pcr","sha1":{"00":"abababababababababababababababababababab"}} | '00' is no register
          {"registers":"rtmr","sha1":{"4":"abababababababababababababababababababab"}} | sha1.4: rtmr4
          {"registers":"pcr","sha1":{"4294967296":"abababababababababababababababababababab"}} | sha1.4294967296
          {"registers":"pcr","sha1":{"1":"abababababababababababababababababababab","pcr1":"abababababababababababababababababababab"}} | pcr1: two digests of sha1
          {"sha1":{},"sha1":{}}                                          | Duplicate field 'sha1'
          {"sha1":{"pcr1":"abababababababababababababababababababab"}} x | line 1
          {"sha1":{"pcr1":"abababababababababababababababababababab"}} 1 | more follows
          """)
  void whenItIsNoSuchDocument_thenTheMemberAndTheReasonAreNamed(String json, String reason) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(InvalidValuesException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void whenALimitOfTheParserIsExceeded_thenItIsRefusedToo() {
    assertThatThrownBy(() -> read("{\"a\":" + "[".repeat(100)))
        .isInstanceOf(InvalidValuesException.class)
        .hasMessageContaining("nesting depth");
  }

  @Test
  void whenThereAreMoreRegistersThanTheLimit_thenItIsRefused() {
    String json = "{\"sha1\":{\"pcr1\":\"%s\",\"pcr2\":\"%s\"}}".formatted(HEX, HEX);

    assertThatThrownBy(
            () ->
                RegisterValues.read(
                    new ByteArrayInputStream(json.getBytes(UTF_8)), new Limits(100, 16, 1)))
        .hasMessageContaining("at most 1");
  }
}
