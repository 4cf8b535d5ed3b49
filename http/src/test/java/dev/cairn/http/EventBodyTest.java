package dev.cairn.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventBodyTest {
  private static final String SHA384 = "ab".repeat(48);

  private static EventBody.Parsed parse(String body) throws ProblemException {
    return EventBody.parse(body.getBytes(UTF_8));
  }

  private static Problem refusal(byte[] body) {
    return catchThrowableOfType(ProblemException.class, () -> EventBody.parse(body)).problem();
  }

  private static Problem refusal(String body) {
    return refusal(body.getBytes(UTF_8));
  }

  @Nested
  class GivenAnAaelEvent {
    @Test
    void whenParsed_thenItIsThatEventAndTheServiceComputesTheDigests() throws Exception {
      EventBody.Parsed parsed =
          parse("{\"domain\":\"a.b/c\",\"operation\":\"Pull\",\"content\":\"x y\\u00e9\"}");

      assertThat(AaelEvent.parse(parsed.event())).contains(new AaelEvent("a.b/c", "Pull", "x yé"));
      assertThat(parsed.digests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "a b | op | c | domain",
          "'' | op | c | domain",
          "a\\nb | op | c | domain",
          "d | o p | c | operation",
          "d | '' | c | operation",
          "d | o | c\\nc | content",
          "d | o | c\\u0000 | content",
          "d | o | \\ud800 | content",
          "\\udc00 | o | c | domain",
        })
    void whenATextWouldBreakTheEvent_thenTheFieldIsNamed(
        String domain, String operation, String content, String field) {
      Problem problem =
          refusal(
              "{\"domain\":\"%s\",\"operation\":\"%s\",\"content\":\"%s\"}"
                  .formatted(domain, operation, content));

      assertThat(problem.type()).isEqualTo(ProblemType.INVALID_FIELD);
      assertThat(problem.members()).containsEntry("field", field);
    }
  }

  @Nested
  class GivenAPcClientEvent {
    @ParameterizedTest
    @ValueSource(strings = {"6", "\"EV_EVENT_TAG\"", "\"ev_event_tag\""})
    void whenTheTypeIsANumberOrAName_thenBothAreTheSame(String type) throws Exception {
      EventBody.Parsed parsed = parse("{\"event_type\":" + type + ",\"event_data\":\"AAH/\"}");

      assertThat(parsed.event()).isEqualTo(new PcClientEvent(6, Bytes.fromHex("0001ff")));
    }

    @Test
    void whenTheCallerGivesDigests_thenTheyAreKept() throws Exception {
      EventBody.Parsed parsed =
          parse(
              "{\"digests\":{\"sha384\":\"%s\"},\"event_type\":4294967295,\"event_data\":\"\"}"
                  .formatted(SHA384));

      assertThat(parsed.event().claimedEventType()).isEqualTo(0xFFFF_FFFFL);
      assertThat(parsed.digests().orElseThrow().banks()).isEqualTo(List.of(HashAlgorithm.SHA384));
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "{'event_type':-1,'event_data':''} | event_type",
          "{'event_type':4294967296,'event_data':''} | event_type",
          "{'event_type':99999999999999999999999,'event_data':''} | event_type",
          "{'event_type':6.0,'event_data':''} | event_type",
          "{'event_type':'EV_NOTHING','event_data':''} | event_type",
          "{'event_type':null,'event_data':''} | event_type",
          "{'event_type':[6],'event_data':''} | event_type",
          "{'event_data':''} | event_type",
          "{'event_type':6} | event_data",
          "{'event_type':6,'event_data':7} | event_data",
          "{'event_type':6,'event_data':{}} | event_data",
          "{'event_type':6,'event_data':'AA'} | event_data",
          "{'event_type':6,'event_data':'AB=='} | event_data",
          "{'event_type':6,'event_data':'A-__'} | event_data",
          "{'event_type':6,'event_data':'AA A'} | event_data",
          "{'event_type':6,'event_data':'','digests':{}} | digests",
          "{'event_type':6,'event_data':'','digests':[]} | digests",
          "{'event_type':6,'event_data':'','digests':{'md5':'00'}} | digests.md5",
          "{'event_type':6,'event_data':'','digests':{'sha256':'00'}} | digests.sha256",
          "{'event_type':6,'event_data':'','digests':{'sha256':5}} | digests.sha256",
          "{'event_type':6,'event_data':'','extra':1} | extra",
          "{'event_type':6,'event_type':6,'event_data':''} | event_type",
          "{'event_type':6,'event_data':'','event_data':''} | event_data",
          "{'operation':'o','content':'c'} | domain",
          "{'domain':'d','content':'c'} | operation",
          "{'domain':'d','operation':'o'} | content",
          "{'domain':'d','domain':'d','operation':'o','content':''} | domain",
        })
    void whenAFieldIsNotUsable_thenItIsNamed(String body, String field) {
      Problem problem = refusal(body.replace('\'', '"'));

      assertThat(problem.type()).isEqualTo(ProblemType.INVALID_FIELD);
      assertThat(problem.members()).containsEntry("field", field).containsKey("expected");
    }

    @Test
    void whenABankComesTwice_thenItIsNamed() {
      Problem problem =
          refusal(
              "{\"event_type\":6,\"event_data\":\"\",\"digests\":{\"sha384\":\"%s\",\"sha384\":\"%s\"}}"
                  .formatted(SHA384, SHA384));

      assertThat(problem.members()).containsEntry("field", "digests.sha384");
    }
  }

  @Nested
  class GivenSomethingThatIsNoSuchObject {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          " ",
          "{}",
          "[]",
          "7",
          "\"text\"",
          "{",
          "{\"domain\"",
          "{\"domain\":\"d",
          "{\"domain\":\"d\",}",
          "{\"domain\":NaN}",
          "{\"domain\":Infinity}",
          "{'domain':'d'}",
          "{\"domain\":\"d\"}{}",
          "{\"event_type\":06}",
          "{\"domain\":\"d\",\"event_type\":6}",
          "// c\n{}",
          "\uFEFF{\"domain\":\"d\"}",
          "{\"domain\":\"a\nb\"}",
        })
    void whenParsed_thenTheBodyIsMalformed(String body) {
      assertThat(refusal(body).type()).isEqualTo(ProblemType.MALFORMED_BODY);
    }

    @Test
    void whenItIsNestedDeeply_thenItIsRefusedAtTheFirstLevel() {
      String deep = "{\"domain\":".repeat(100_000);

      assertThat(refusal(deep).members()).containsEntry("field", "domain");
      assertThat(refusal("[".repeat(100_000)).type()).isEqualTo(ProblemType.MALFORMED_BODY);
    }

    @Test
    void whenItIsNotUtf8_thenTheByteIsNamed() {
      byte[] latin = "{\"domain\":\"é\"}".getBytes(ISO_8859_1);
      byte[] surrogate = {'{', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'};

      assertThat(refusal(latin).detail()).contains("byte 11");
      assertThat(refusal(surrogate).detail()).contains("byte 2");
    }

    @Test
    void whenItIsJsonInAnotherEncoding_thenItIsRefused() {
      byte[] wide = "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"\"}".getBytes(UTF_16LE);

      assertThat(refusal(wide).type()).isEqualTo(ProblemType.MALFORMED_BODY);
    }

    @Test
    void whenAValueIsLong_thenTheAnswerIsNot() {
      Problem problem =
          refusal("{\"event_type\":6,\"event_data\":\"" + "?".repeat(100_000) + "\"}");

      assertThat(problem.toJson().length).isLessThan(1000);
    }
  }
}
