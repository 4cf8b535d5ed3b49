package dev.cairn.eventlog.cel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.OpaqueContent.Encoding;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.EventRecords;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CelJsonTest {
  private static final String SHA256_OF_E =
      "46df8dacf00a07d34a83cdf56d7978697790787cf2ba1432ef7c38f22cd96351";
  private static final String DIGESTS =
      "\"digests\":[{\"hashAlg\":\"sha256\",\"digest\":\"" + SHA256_OF_E + "\"}]";
  private static final String CONTENT_E =
      "\"content_type\":\"pcclient_std\",\"content\":{\"event_type\":\"EV_EVENT_TAG\",\"event_data\":\"4c45414118000000646f6d61696e206f7065726174696f6e20636f6e74656e74\"}";
  private static final String RECORD_E =
      "{\"recnum\":0,\"pcr\":16," + DIGESTS + "," + CONTENT_E + "}";
  private static final String V4 = "[" + RECORD_E + "]";

  private static final EventRecord EVENT_E =
      record(RegisterId.pcr(16), new AaelEvent("domain", "operation", "content").toPcClientEvent());

  private static EventRecord record(RegisterId register, EventContent content) {
    DigestSet digests = DigestSet.of(new Digest(HashAlgorithm.SHA256, Bytes.fromHex(SHA256_OF_E)));
    return new EventRecord(0, register, digests, content);
  }

  private static Bytes utf8(String text) {
    return Bytes.owning(text.getBytes(UTF_8));
  }

  private static EventReader reader(String json) {
    return CelJson.reader(new ByteArrayInputStream(json.getBytes(UTF_8)), Limits.DEFAULT);
  }

  private static List<EventRecord> read(String json) throws IOException {
    return EventRecords.readAll(reader(json));
  }

  private static String write(CelOptions options, EventRecord... records) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (EventWriter writer = CelJson.writer(out, options)) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }
    return out.toString(UTF_8);
  }

  private static String write(EventRecord... records) throws IOException {
    return write(CelOptions.LOSSLESS, records);
  }

  @Nested
  class GivenTheInlineVector {
    @Test
    void whenWritingEventE_thenItIsV4ByteForByte() throws Exception {
      assertThat(write(EVENT_E)).isEqualTo(V4).hasSize(282);
    }

    @Test
    void whenReading_thenItIsEventE() throws Exception {
      assertThat(read(V4)).containsExactly(EVENT_E);
    }

    @Test
    void whenThereIsNoRecord_thenItIsAnEmptyArray() throws Exception {
      assertThat(write()).isEqualTo("[]");
      assertThat(read(" [ ] \n")).isEmpty();
    }

    @Test
    void whenReadingTwo_thenTheirOffsetsAreThoseOfTheObjects() throws Exception {
      EventReader reader = reader("[ " + RECORD_E + " ,\n" + RECORD_E + "]");
      reader.next();
      assertThat(List.of(reader.recordOffset(), reader.endOffset())).containsExactly(2L, 282L);
      reader.next();
      assertThat(List.of(reader.recordOffset(), reader.endOffset())).containsExactly(285L, 565L);
      assertThat(reader.next()).isNull();
    }
  }

  @Nested
  class GivenOtherSpellings {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "[{" + CONTENT_E + "," + DIGESTS + ",\"pcr\":16,\"recnum\":0}]",
          "[{\"content\":{\"event_data\":\"4C45414118000000646F6D61696E206F7065726174696F6E20636F6E74656E74\",\"event_type\":6},\"content_type\":\"pcclient_std\","
              + DIGESTS
              + ",\"pcr\":16,\"recnum\":0}]",
        })
    void whenKeysComeInAnotherOrder_thenTheRecordIsTheSame(String json) throws Exception {
      assertThat(read(json)).containsExactly(EVENT_E);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"ev_event_tag\"", "\"Ev_Event_Tag\"", "6", "\"6\""})
    void whenTheEventTypeIsSpelledOtherwise_thenItIsTheSame(String type) throws Exception {
      assertThat(read(V4.replace("\"EV_EVENT_TAG\"", type))).containsExactly(EVENT_E);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHA256", "Sha256", "0x000B", "0x000b", "0X000b"})
    void whenTheAlgorithmIsSpelledOtherwise_thenItIsTheSame(String name) throws Exception {
      assertThat(read(V4.replace("sha256", name))).containsExactly(EVENT_E);
    }

    @Test
    void whenDigestsComeInAnyOrder_thenTheyAreWrittenAscending() throws Exception {
      String sha1 = "{\"hashAlg\":\"sha\",\"digest\":\"" + "01".repeat(20) + "\"}";
      String unknown = "{\"hashAlg\":\"0x00ff\",\"digest\":\"AA\"}";
      String low = "{\"hashAlg\":\"0x0005\",\"digest\":\"\"}";
      String json =
          V4.replace("\"digests\":[", "\"digests\":[" + unknown + "," + sha1 + "," + low + ",");

      EventRecord record = read(json).get(0);

      assertThat(record.unknownDigests())
          .containsExactly(
              new UnknownDigest(5, Bytes.EMPTY), new UnknownDigest(0xFF, Bytes.fromHex("aa")));
      assertThat(write(record))
          .contains(
              sha1.replace("\"sha\"", "\"sha1\"") + "," + low + ",{\"hashAlg\":\"sha256\"",
              "},{\"hashAlg\":\"0x00FF\",\"digest\":\"aa\"}]");
    }

    @Test
    void whenTheEventTypeIsLibcelsMisspelling_thenItIsBlob2() throws Exception {
      EventContent content =
          read(V4.replace("EV_EVENT_TAG", "ev_efi_platform_firmwate_blob2")).get(0).content();

      assertThat(((PcClientEvent) content).claimedEventType()).isEqualTo(0x8000_000AL);
    }

    @Test
    void whenDigestsAreEmpty_thenThatIsKept() throws Exception {
      String json = V4.replace(DIGESTS, "\"digests\":[]");

      assertThat(read(json).get(0).digests()).isEqualTo(DigestSet.EMPTY);
      assertThat(write(read(json).get(0))).isEqualTo(json);
    }
  }

  @Nested
  class GivenContents {
    static String json(String type, String content) {
      return "[{\"recnum\":0,\"pcr\":16,"
          + DIGESTS
          + ",\"content_type\":\""
          + type
          + "\",\"content\":"
          + content
          + "}]";
    }

    private static void assertContent(String type, String content, EventContent expected)
        throws IOException {
      assertThat(read(json(type, content)).get(0).content()).isEqualTo(expected);
      assertThat(write(record(RegisterId.pcr(16), expected))).isEqualTo(json(type, content));
    }

    @Test
    void whenTheTypeIsKnown_thenItIsReadAndWritten() throws Exception {
      assertContent(
          "pcclient_std",
          "{\"event_type\":1038,\"event_data\":\"\"}",
          new PcClientEvent(0x40E, Bytes.EMPTY));
      assertContent(
          "ima_template",
          "{\"template_name\":\"ima-ng\",\"template_data\":\"00ff\"}",
          new ImaTemplate("ima-ng", Bytes.fromHex("00ff")));
      assertContent("ima_tlv", "\"0000\"", new ImaTlv(Bytes.fromHex("0000")));
      assertContent("systemd", "\"7265616479\"", new SystemdEvent(utf8("ready")));
    }

    @Test
    void whenManagement_thenEachIsReadAndWritten() throws Exception {
      assertContent(
          "cel",
          "{\"type\":\"cel_version\",\"data\":{\"major\":1,\"minor\":1}}",
          new Management.CelVersion(1, 1));
      assertContent("cel", "{\"type\":\"firmware_end\"}", new Management.FirmwareEnd());
      assertContent(
          "cel",
          "{\"type\":\"cel_timestamp\",\"data\":18446744073709551615}",
          new Management.Timestamp(-1));
      assertContent(
          "cel",
          "{\"type\":\"state_trans\",\"data\":\"kexec\"}",
          new Management.StateTransition(2));
      assertContent(
          "cel", "{\"type\":\"state_trans\",\"data\":3}", new Management.StateTransition(3));
    }

    @Test
    void whenManagementIsInNumbersAsLibcelWritesIt_thenItIsTheSame() throws Exception {
      assertThat(read(json("cel", "{\"data\":2,\"type\":81}")).get(0).content())
          .isEqualTo(new Management.StateTransition(2));
    }

    @ParameterizedTest
    @CsvSource(
        quoteCharacter = '`',
        value = {
          "cvm, `{\"seq\":0,\"event\":\"a3\"}`",
          "80, `null`",
          "systemd, `{\"string\":\"ready\",\"bootId\":\"00\",\"timestamp\":1208200646}`",
          "tss2, `[1,-2.50,1e400,true,\"\\u0000ü\",{}]`",
          "cel, `{\"type\":\"cel_clock\",\"data\":1}`",
          "cel, `{\"type\":\"firmware_end\",\"data\":1}`",
          "cel, `[{\"type\":\"firmware_end\"}]`",
          "pcclient_std, `{\"event_type\":\"EV_CUSTOM\",\"event_data\":\"00\"}`",
        })
    void whenThereIsNoModelForIt_thenItsTextIsKept(String type, String content) throws Exception {
      assertContent(type, content, new OpaqueContent(type, Encoding.JSON, utf8(content)));
    }

    @Test
    void whenOpaqueTextHasWhiteSpace_thenItIsShortened() throws Exception {
      assertThat(read(json("cvm", "{ \"a\" : [ 1 , \"\\u0041 b\" ] }")).get(0).content())
          .isEqualTo(new OpaqueContent("cvm", Encoding.JSON, utf8("{\"a\":[1,\"A b\"]}")));
    }
  }

  @Nested
  class GivenRegisters {
    @ParameterizedTest
    @CsvSource({
      "pcr0, pcr, 0",
      "pcr4294967295, pcr, 4294967295",
      "rtmr3, ccmr, 4",
      "mrtd, ccmr, 0",
      "nv0x01c10000, nv_index, 29425664"
    })
    void whenWriting_thenTheKeyTellsTheNumbering(String name, String key, String index)
        throws Exception {
      RegisterId register = RegisterId.parse(name).orElseThrow();
      String json = V4.replace("\"pcr\":16", "\"" + key + "\":" + index);

      assertThat(write(record(register, EVENT_E.content()))).isEqualTo(json);
      assertThat(read(json).get(0).register()).isEqualTo(register);
    }

    final CelOptions asPcr = new CelOptions(RegisterSpelling.RTMR_AS_PCR, false, List.of());

    @Test
    void whenRtmrsAreSpelledAsPcrs_thenItIsTheOrdinal() throws Exception {
      assertThat(write(asPcr, record(RegisterId.rtmr(3), EVENT_E.content())))
          .isEqualTo(V4.replace("\"pcr\":16", "\"pcr\":3"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mrtd", "ccmr5"})
    void whenThereIsNoOrdinal_thenRefused(String name) {
      RegisterId register = RegisterId.parse(name).orElseThrow();

      assertThatThrownBy(() -> write(asPcr, record(register, EVENT_E.content())))
          .isInstanceOf(UnrepresentableRecordException.class)
          .hasMessageContaining(name);
    }
  }

  @Nested
  class GivenVersionFirst {
    final CelOptions options = new CelOptions(RegisterSpelling.CCMR_KEY, true, List.of());
    final String version =
        "{\"recnum\":0,\"pcr\":16,\"digests\":[],\"content_type\":\"cel\",\"content\":{\"type\":\"cel_version\",\"data\":{\"major\":1,\"minor\":1}}}";

    @Test
    void whenWriting_thenItTakesTheFirstNumberOfThatRegister() throws Exception {
      EventRecord other = record(RegisterId.pcr(3), EVENT_E.content());

      assertThat(write(options, EVENT_E, other))
          .isEqualTo(
              "["
                  + version
                  + ","
                  + RECORD_E.replace("\"recnum\":0", "\"recnum\":1")
                  + ","
                  + RECORD_E.replace("\"pcr\":16", "\"pcr\":3")
                  + "]");
    }

    @Test
    void whenTheLogHasOne_thenItIsNotDoubled() throws Exception {
      List<EventRecord> records = read("[" + version + "," + RECORD_E + "]");

      assertThat(write(options, records.get(0), records.get(1)))
          .isEqualTo("[" + version + "," + RECORD_E + "]");
    }

    @Test
    void whenThereIsNoRecord_thenThereIsNoVersion() throws Exception {
      assertThat(write(options)).isEqualTo("[]");
    }
  }

  @Nested
  class GivenDamage {
    @ParameterizedTest
    @CsvSource({"1, 563", "2, 562", "280, 284"})
    void whenTheEndIsMissing_thenTheWholeRecordsComeFirst(int missing, long offset)
        throws Exception {
      String two = "[" + RECORD_E + "," + RECORD_E + "]";
      EventReader reader = reader(two.substring(0, two.length() - missing));

      assertThat(reader.next()).isEqualTo(EVENT_E);
      MalformedLogException damage = null;
      while (damage == null) {
        try {
          assertThat(reader.next()).isEqualTo(EVENT_E);
        } catch (MalformedLogException e) {
          damage = e;
        }
      }
      assertThat(damage.offset()).isBetween(offset - 3, (long) two.length());
      assertThatThrownBy(reader::next).isSameAs(damage);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          " ",
          "{}",
          "null",
          "[1]",
          "[null]",
          "[" + RECORD_E + ",]",
          "[" + RECORD_E + "]]",
          "[" + RECORD_E + "] 1",
          "[" + RECORD_E + "][]",
          "[" + RECORD_E + " " + RECORD_E + "]",
          "\uFEFF" + V4,
          "[\u0000",
        })
    void whenItIsNoArrayOfRecords_thenRefused(String json) {
      assertThatThrownBy(() -> read(json)).isInstanceOf(MalformedLogException.class);
    }

    @ParameterizedTest
    @CsvSource(
        quoteCharacter = '`',
        value = {
          "no recnum, `\"recnum\":0,`, ``",
          "no register, `\"pcr\":16,`, ``",
          "no content_type, `\"content_type\":\"pcclient_std\",`, ``",
          "two registers, `\"pcr\":16`, `\"pcr\":16,\"nv_index\":1`",
          "pcr and ccmr, `\"pcr\":16`, `\"pcr\":16,\"ccmr\":1`",
          "a key twice, `\"pcr\":16`, `\"pcr\":16,\"pcr\":16`",
          "an inner key twice, `\"event_type\":`, `\"event_type\":6,\"event_type\":`",
          "an unknown key, `\"pcr\":16`, `\"pcr\":16,\"rtmr\":1`",
          "an unknown inner key, `\"event_type\":`, `\"x\":1,\"event_type\":`",
          "a numeric content_type, `\"pcclient_std\"`, `5`",
          "an empty content_type, `\"pcclient_std\"`, `\"\"`",
          "a negative recnum, `\"recnum\":0`, `\"recnum\":-1`",
          "a negative zero, `\"recnum\":0`, `\"recnum\":-0`",
          "a fraction, `\"recnum\":0`, `\"recnum\":0.0`",
          "recnum 2^63, `\"recnum\":0`, `\"recnum\":9223372036854775808`",
          "recnum 2^64, `\"recnum\":0`, `\"recnum\":18446744073709551616`",
          "pcr above u32, `\"pcr\":16`, `\"pcr\":4294967296`",
          "a text as pcr, `\"pcr\":16`, `\"pcr\":\"16\"`",
          "event type above u32, `\"EV_EVENT_TAG\"`, `4294967296`",
          "odd hex, `\"4c45`, `\"c45`",
          "no hex, `\"4c45`, `\"xc45`",
          "a short digest, `\"46df`, `\"df`",
          "an unknown algorithm, `\"sha256\"`, `\"md5\"`",
          "a numeric algorithm, `\"sha256\"`, `11`",
          "five digits of an algorithm, `\"sha256\"`, `\"0x0000B\"`",
          "a signed algorithm, `\"sha256\"`, `\"0x-00B\"`",
          "a digest without algorithm, `\"hashAlg\":\"sha256\",`, ``",
          "a key of digests, `\"hashAlg\":`, `\"x\":1,\"hashAlg\":`",
          "digests as object, `\"digests\":[`, `\"digests\":{}, \"x\":[`",
          "a lone surrogate, `\"pcclient_std\"`, `\"\\ud800\"`",
          "a lone surrogate inside, `\"pcclient_std\",\"content\":{`, `\"x\",\"content\":{\"\\udc00\":1,`",
        })
    void whenARecordBreaksARule_thenRefused(String what, String right, String wrong) {
      assertThat(V4).contains(right);
      assertThatThrownBy(() -> read(V4.replace(right, wrong == null ? "" : wrong)))
          .as(what)
          .isInstanceOf(MalformedLogException.class);
    }

    @Test
    void whenAValueIsWrong_thenTheOffsetIsThatOfTheValueAndTheReasonNamesTheField() {
      MalformedLogException damage =
          catchThrowableOfType(
              MalformedLogException.class, () -> read(V4.replace("\"pcr\":16", "\"pcr\":-1")));

      assertThat(damage.offset()).isEqualTo(V4.indexOf("16,"));
      assertThat(damage.reason()).contains("pcr");
    }

    @ParameterizedTest
    @ValueSource(strings = {"c3", "ff", "c0af"})
    void whenAStringIsNoUtf8_thenRefused(String hex) {
      byte[] log = V4.getBytes(UTF_8);
      byte[] bad = Bytes.fromHex(hex).toArray();
      System.arraycopy(bad, 0, log, V4.indexOf("pcclient"), bad.length);

      assertThatThrownBy(
              () ->
                  EventRecords.readAll(
                      CelJson.reader(new ByteArrayInputStream(log), Limits.DEFAULT)))
          .isInstanceOf(MalformedLogException.class);
    }
  }

  @Nested
  class GivenRecordsThatJsonCannotSay {
    @ParameterizedTest
    @CsvSource(
        quoteCharacter = '`',
        value = {
          "80, TLV, 00",
          "80, CBOR, 00",
          "x, JSON, ``",
          "x, JSON, 5b", // [
          "x, JSON, 312031", // 1 1
          "x, JSON, ff",
          "``, JSON, 31",
        })
    void whenWritingOpaqueContent_thenRefusedAndNothingIsWritten(
        String type, Encoding encoding, String hex) throws Exception {
      OpaqueContent content = new OpaqueContent(type, encoding, Bytes.fromHex(hex));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      EventWriter writer = CelJson.writer(out);
      writer.write(EVENT_E);

      assertThatThrownBy(() -> writer.write(record(RegisterId.pcr(1), content)))
          .isInstanceOf(UnrepresentableRecordException.class);

      writer.write(EVENT_E);
      writer.close();
      assertThat(out.toString(UTF_8)).isEqualTo("[" + RECORD_E + "," + RECORD_E + "]");
    }
  }

  @Nested
  class GivenASequence {
    static final String TEXT = "\u001e" + RECORD_E + "\n";

    static List<EventRecord> readSeq(String text) throws IOException {
      return EventRecords.readAll(
          CelJsonSeq.reader(new ByteArrayInputStream(text.getBytes(UTF_8)), Limits.DEFAULT));
    }

    @Test
    void whenWriting_thenEveryRecordStandsBetweenSeparatorAndLineFeed() throws Exception {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (EventWriter writer = CelJsonSeq.writer(out)) {
        writer.write(EVENT_E);
        writer.write(EVENT_E);
      }
      assertThat(out.toString(UTF_8)).isEqualTo(TEXT + TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\u001e\u001e"})
    void whenReading_thenRecordsAreThere(String between) throws Exception {
      assertThat(readSeq(TEXT + between + TEXT)).containsExactly(EVENT_E, EVENT_E);
    }

    @Test
    void whenThereIsNothing_thenThereIsNoRecord() throws Exception {
      assertThat(readSeq("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "100", "280"})
    void whenTheLastRecordIsCut_thenTheOthersComeFirst(int missing) throws Exception {
      String cut = TEXT + TEXT.substring(0, TEXT.length() - missing);
      EventReader reader =
          CelJsonSeq.reader(new ByteArrayInputStream(cut.getBytes(UTF_8)), Limits.DEFAULT);

      assertThat(reader.next()).isEqualTo(EVENT_E);
      assertThat(reader.endOffset()).isEqualTo(TEXT.length());
      assertThat(catchThrowableOfType(MalformedLogException.class, reader::next).offset())
          .isEqualTo(TEXT.length());
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          RECORD_E + "\n", // JSON lines are no sequence
          "[" + RECORD_E + "]",
          "\u001e" + V4 + "\n",
          "\u001e" + RECORD_E + "{}\n",
          "\u001e" + RECORD_E + RECORD_E + "\n",
          "\u001e\n",
          "\u001e null\n",
          " " + TEXT,
        })
    void whenATextIsNoRecord_thenRefused(String text) {
      assertThatThrownBy(() -> readSeq(text)).isInstanceOf(MalformedLogException.class);
    }
  }
}
