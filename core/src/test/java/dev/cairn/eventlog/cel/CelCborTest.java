package dev.cairn.eventlog.cel;

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

class CelCborTest {
  private static final String SHA256_OF_E =
      "46df8dacf00a07d34a83cdf56d7978697790787cf2ba1432ef7c38f22cd96351";
  private static final String E_DATA =
      "4c45414118000000646f6d61696e206f7065726174696f6e20636f6e74656e74";
  private static final String DIGESTS = "0381a2000b015820" + SHA256_OF_E;
  private static final String CONTENT_E = "09050aa20006015820" + E_DATA;
  private static final String RECORD_E = "a500010110" + DIGESTS + CONTENT_E;
  private static final String VERSION =
      "a500000110" + "0381a2000b015820" + "00".repeat(32) + "09040aa2000101a200010101";
  private static final String V5 = "82" + VERSION + RECORD_E;

  private static final EventRecord EVENT_E =
      record(RegisterId.pcr(16), new AaelEvent("domain", "operation", "content").toPcClientEvent());
  private static final EventRecord CEL_1_1 =
      new EventRecord(
          0,
          RegisterId.pcr(16),
          DigestSet.filled(List.of(HashAlgorithm.SHA256), 0),
          new Management.CelVersion(1, 1));

  private static EventRecord record(RegisterId register, EventContent content) {
    return new EventRecord(
        1,
        register,
        DigestSet.of(new Digest(HashAlgorithm.SHA256, Bytes.fromHex(SHA256_OF_E))),
        content);
  }

  private static List<EventRecord> read(String hex) throws IOException {
    return EventRecords.readAll(
        CelCbor.reader(new ByteArrayInputStream(Bytes.fromHex(hex).toArray()), Limits.DEFAULT));
  }

  private static EventReader sequence(String hex) {
    return CelCborSeq.reader(
        new ByteArrayInputStream(Bytes.fromHex(hex).toArray()), Limits.DEFAULT);
  }

  private static EventRecord readOne(String hex) throws IOException {
    return EventRecords.readAll(sequence(hex)).get(0);
  }

  private static String write(CelOptions options, EventRecord... records) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (EventWriter writer = CelCborSeq.writer(out, options)) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }
    return Bytes.owning(out.toByteArray()).toHex();
  }

  private static String write(EventRecord... records) throws IOException {
    return write(CelOptions.LOSSLESS, records);
  }

  private static String writeArray(long count, CelOptions options, EventRecord... records)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (EventWriter writer = CelCbor.writer(out, count, options)) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }
    return Bytes.owning(out.toByteArray()).toHex();
  }

  @Nested
  class GivenTheInlineVector {
    @Test
    void whenWriting_thenItIsV5ByteForByte() throws Exception {
      assertThat(writeArray(2, CelOptions.LOSSLESS, CEL_1_1, EVENT_E))
          .isEqualTo(V5)
          .hasSize(2 * 144);
    }

    @Test
    void whenReading_thenTheRecordsAreThoseTwo() throws Exception {
      assertThat(read(V5)).containsExactly(CEL_1_1, EVENT_E);
    }

    @Test
    void whenItIsASequence_thenTheHeadIsMissing() throws Exception {
      assertThat(write(CEL_1_1, EVENT_E)).isEqualTo(V5.substring(2));
      assertThat(EventRecords.readAll(sequence(V5.substring(2)))).containsExactly(CEL_1_1, EVENT_E);
    }

    @Test
    void whenReadingTwo_thenTheirOffsetsAreThoseOfTheMaps() throws Exception {
      EventReader reader =
          CelCbor.reader(new ByteArrayInputStream(Bytes.fromHex(V5).toArray()), Limits.DEFAULT);
      reader.next();
      assertThat(List.of(reader.recordOffset(), reader.endOffset())).containsExactly(1L, 58L);
      reader.next();
      assertThat(List.of(reader.recordOffset(), reader.endOffset())).containsExactly(58L, 144L);
    }

    @Test
    void whenThereIsNoRecord_thenItIsAnEmptyArray() throws Exception {
      assertThat(writeArray(0, CelOptions.LOSSLESS)).isEqualTo("80");
      assertThat(read("80")).isEmpty();
      assertThat(EventRecords.readAll(sequence(""))).isEmpty();
    }
  }

  @Nested
  class GivenAPromisedNumber {
    @Test
    void whenThereAreMore_thenTheFirstTooManyIsRefused() {
      assertThatThrownBy(() -> writeArray(1, CelOptions.LOSSLESS, EVENT_E, EVENT_E))
          .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whenThereAreLess_thenClosingFails() {
      assertThatThrownBy(() -> writeArray(2, CelOptions.LOSSLESS, EVENT_E))
          .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @CsvSource({"23, 97", "24, 9818", "255, 98ff", "256, 990100", "65536, 9a00010000"})
    void whenThereAreMany_thenTheHeadIsTheShortest(int count, String head) throws Exception {
      EventRecord[] records = new EventRecord[count];
      java.util.Arrays.fill(records, EVENT_E);

      assertThat(writeArray(count, CelOptions.LOSSLESS, records)).startsWith(head + "a5");
    }
  }

  @Nested
  class GivenContents {
    private static void assertContent(String hex, EventContent content) throws IOException {
      String record = "a500010110" + DIGESTS + hex;
      assertThat(readOne(record).content()).isEqualTo(content);
      assertThat(write(record(RegisterId.pcr(16), content))).isEqualTo(record);
    }

    @Test
    void whenTheTypeIsKnown_thenItIsReadAndWritten() throws Exception {
      assertContent("09050aa20019040e0140", new PcClientEvent(0x40E, Bytes.EMPTY));
      assertContent(
          "09050aa2001affffffff014100", new PcClientEvent(0xFFFF_FFFFL, Bytes.fromHex("00")));
      assertContent(
          "09070aa20066696d612d6e670142ffff", new ImaTemplate("ima-ng", Bytes.fromHex("ffff")));
      assertContent("09080a4100", new ImaTlv(Bytes.fromHex("00")));
      assertContent("09090a457265616479", new SystemdEvent(Bytes.fromHex("7265616479")));
    }

    @Test
    void whenManagement_thenEachIsReadAndWritten() throws Exception {
      assertContent("09040aa2000101a200010101", new Management.CelVersion(1, 1));
      assertContent("09040aa10002", new Management.FirmwareEnd());
      assertContent("09040aa2001850011b0000019950f72c00", new Management.Timestamp(1758000000000L));
      assertContent("09040aa2001850011bffffffffffffffff", new Management.Timestamp(-1));
      assertContent("09040aa20018510102", new Management.StateTransition(2));
    }

    @ParameterizedTest
    @CsvSource({
      "cvm, 200, 18c8, a20000014100",
      "reserved, 6, 06, f6",
      "the largest number, 4294967295, 1affffffff, 20",
      "an event type in words, 5, 05, a2006945565f435553544f4d0140",
      "a known event type in words, 5, 05, a2006645565f49504c0140",
      "an event type above u32, 5, 05, a2001b00000001000000000140",
      "more entries, 5, 05, a3000601400200",
      "a text as data, 5, 05, a200060160",
      "systemd in words, 9, 09, 657265616479",
      "firmware_end with data, 4, 04, a200020100",
      "another management type, 4, 04, a200030100",
      "version 65536, 4, 04, a2000101a2001a000100000100",
      "floats, 99, 1863, 83f93c00fa3fc00001fb3ff199999999999a",
      "half NaN, 99, 1863, f97e00",
      "a tag, 99, 1863, c24101",
      "a map with keys of each kind, 99, 1863, a4000020004100f46161f5",
    })
    void whenThereIsNoModelForIt_thenItIsKept(String what, String type, String number, String item)
        throws Exception {
      assertContent(
          "09" + number + "0a" + item, new OpaqueContent(type, Encoding.CBOR, Bytes.fromHex(item)));
    }
  }

  @Nested
  class GivenRegisters {
    @ParameterizedTest
    @CsvSource({
      "pcr0, 0100, ''",
      "pcr24, 011818, ''",
      "nv0x01c10000, 021a01c10000, ''",
      "rtmr3, '', 186c04",
      "mrtd, '', 186c00",
    })
    void whenWriting_thenTheKeyTellsTheNumbering(String name, String early, String late)
        throws Exception {
      RegisterId register = RegisterId.parse(name).orElseThrow();
      String hex = "a50001" + early + DIGESTS + CONTENT_E + late;

      assertThat(write(record(register, EVENT_E.content()))).isEqualTo(hex);
      assertThat(readOne(hex).register()).isEqualTo(register);
    }

    @Test
    void whenRtmrsAreSpelledAsPcrs_thenItIsTheOrdinal() throws Exception {
      CelOptions asPcr = new CelOptions(RegisterSpelling.RTMR_AS_PCR, false, List.of());

      assertThat(write(asPcr, record(RegisterId.rtmr(3), EVENT_E.content())))
          .isEqualTo(RECORD_E.replace("0110" + DIGESTS, "0103" + DIGESTS));
    }
  }

  @Nested
  class GivenDigests {
    @Test
    void whenAlgorithmsAreUnknown_thenTheyAreMergedAscending() throws Exception {
      EventRecord record =
          new EventRecord(
              1,
              RegisterId.pcr(16),
              EVENT_E.digests(),
              List.of(new UnknownDigest(5, Bytes.EMPTY), new UnknownDigest(0xFFFF, Bytes.EMPTY)),
              EVENT_E.content());
      String hex =
          RECORD_E.replace(
              DIGESTS, "0383" + "a200050140" + "a2000b015820" + SHA256_OF_E + "a20019ffff0140");

      assertThat(write(record)).isEqualTo(hex);
      assertThat(readOne(hex)).isEqualTo(record);
    }

    final EventRecord bare =
        new EventRecord(0, RegisterId.pcr(16), DigestSet.EMPTY, new Management.CelVersion(1, 1));

    @Test
    void whenAnUnmeasuredRecordHasNone_thenRefusedWithTheRemedy() {
      assertThatThrownBy(() -> write(bare))
          .isInstanceOf(UnrepresentableRecordException.class)
          .hasMessageContaining("zeros");
    }

    @Test
    void whenZerosAreWanted_thenTheyAreWritten() throws Exception {
      CelOptions zeros =
          new CelOptions(RegisterSpelling.CCMR_KEY, false, List.of(HashAlgorithm.SHA256));

      assertThat(write(zeros, bare)).isEqualTo(VERSION);
    }

    @Test
    void whenAMeasuredRecordHasNone_thenItIsRefusedInAnyCase() {
      CelOptions zeros =
          new CelOptions(RegisterSpelling.CCMR_KEY, false, List.of(HashAlgorithm.SHA256));
      EventRecord measured =
          new EventRecord(0, RegisterId.pcr(16), DigestSet.EMPTY, EVENT_E.content());

      assertThatThrownBy(() -> write(zeros, measured))
          .isInstanceOf(UnrepresentableRecordException.class);
    }
  }

  @Nested
  class GivenVersionFirst {
    @Test
    void whenWriting_thenItHasZerosInTheBanksOfTheFirstRecordAndTheHeadCountsIt() throws Exception {
      CelOptions options = new CelOptions(RegisterSpelling.CCMR_KEY, true, List.of());
      EventRecord first =
          new EventRecord(0, EVENT_E.register(), EVENT_E.digests(), EVENT_E.content());

      assertThat(writeArray(1, options, first)).isEqualTo(V5);
    }
  }

  @Nested
  class GivenDamage {
    @ParameterizedTest
    @CsvSource({
      "a longer recnum, a500180101, a5000101",
      "an indefinite map, bf0001, a50001",
      "an indefinite array, 039f, 0381",
      "keys out of order, a501100001, a500010110",
      "a key twice, a500010001, a500010110",
      "six entries, a6, a5",
      "four entries, a4, a5",
      "a tag around the record, c1a5, a5",
      "a tag around recnum, a500c101, a50001",
      "a negative recnum, a50020, a50001",
      "recnum above 2^63, a5001b8000000000000000, a50001",
      "pcr above u32, 011b0000000100000000, 0110",
      "pcr in words, 016110, 0110",
      "no digest, 0380, 0381a2000b015820" + SHA256_OF_E,
      "a digest in words, 7820" + SHA256_OF_E + ", 5820" + SHA256_OF_E,
      "an unknown key of a digest, a2000b02, a2000b01",
      "an algorithm above u16, a2001a00010000, a2000b",
      "a content_type in words, 09613" + "5, 0905",
      "content_type above u32, 091b0000000100000000, 0905",
      "no content, 090505, 09050a",
      "half of a head, 18, ''",
    })
    void whenARecordBreaksARule_thenRefused(String what, String wrong, String right) {
      int at = RECORD_E.indexOf(right);
      String broken = RECORD_E.substring(0, at) + wrong + RECORD_E.substring(at + right.length());

      assertThatThrownBy(() -> readOne(broken)).as(what).isInstanceOf(MalformedLogException.class);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "1817", // fits one byte
          "1900ff",
          "1a0000ffff",
          "1b00000000ffffffff",
          "5800",
          "1c", // reserved
          "5f4100ff",
          "9fff",
          "bfff",
          "f818", // simple value below 32
          "fa3fc00000", // 1.5 fits a half
          "fa33800000", // 2^-24, the smallest half
          "fb3ff8000000000000",
          "fb7ff8000000000000", // NaN
          "fa7fc00000",
          "f97e01",
          "a201000000", // keys descend
          "a200000000", // a key twice
          "a26161006100", // "a" after ""
          "61ff",
          "62c0af",
          "63eda080",
        })
    void whenContentIsNotDeterministic_thenRefused(String item) {
      assertThatThrownBy(() -> readOne("a500010110" + DIGESTS + "0918630a" + item))
          .isInstanceOf(MalformedLogException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fa33800001", "fa477ff000", "fa33000000", "f90001", "f97c00", "f8ff"})
    void whenAFloatHasNoShorterForm_thenItIsKept(String item) throws Exception {
      assertThat(
              ((OpaqueContent) readOne("a500010110" + DIGESTS + "0918630a" + item).content())
                  .bytes())
          .isEqualTo(Bytes.fromHex(item));
    }

    @Test
    void whenContentIsNestedTooDeep_thenRefused() {
      assertThatThrownBy(
              () -> readOne("a500010110" + DIGESTS + "0918630a" + "81".repeat(40) + "00"))
          .isInstanceOf(MalformedLogException.class);
    }

    @ParameterizedTest
    @CsvSource({"1", "30", "50", "85"})
    void whenTheEndIsMissing_thenTheWholeRecordsComeFirst(int missing) throws Exception {
      String two = RECORD_E + RECORD_E;
      EventReader reader = sequence(two.substring(0, two.length() - 2 * missing));

      assertThat(reader.next()).isEqualTo(EVENT_E);
      MalformedLogException damage =
          catchThrowableOfType(MalformedLogException.class, reader::next);
      assertThat(damage.offset()).isBetween(86L, 172L - missing);
      assertThatThrownBy(reader::next).isSameAs(damage);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "", // not even an array
          "a0",
          "9f" + RECORD_E + "ff",
          "82" + RECORD_E,
          "81" + RECORD_E + "00",
          "9801" + RECORD_E,
          "9bffffffffffffffff",
          "d9d9f781" + RECORD_E,
        })
    void whenTheArrayIsBroken_thenRefused(String hex) {
      assertThatThrownBy(() -> read(hex)).isInstanceOf(MalformedLogException.class);
    }

    @Test
    void whenAValueIsWrong_thenTheOffsetIsThatOfTheValue() {
      MalformedLogException damage =
          catchThrowableOfType(
              MalformedLogException.class,
              () -> readOne(RECORD_E.replace("0110" + DIGESTS, "0120" + DIGESTS)));

      assertThat(damage.offset()).isEqualTo(4);
      assertThat(damage.reason()).contains("register");
    }
  }

  @Nested
  class GivenRecordsThatCborCannotSay {
    @ParameterizedTest
    @CsvSource({
      "80, TLV, 00",
      "80, JSON, 00",
      "tss2, CBOR, 00",
      "4294967296, CBOR, 00",
      "080, CBOR, 00",
      "80, CBOR, ''",
      "80, CBOR, 0000",
      "80, CBOR, 1800",
      "80, CBOR, 5800",
      "80, CBOR, 41",
    })
    void whenWritingOpaqueContent_thenRefusedAndNothingIsWritten(
        String type, Encoding encoding, String hex) throws Exception {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      EventWriter writer = CelCborSeq.writer(out);
      writer.write(EVENT_E);

      assertThatThrownBy(
              () ->
                  writer.write(
                      record(
                          RegisterId.pcr(1),
                          new OpaqueContent(type, encoding, Bytes.fromHex(hex)))))
          .isInstanceOf(UnrepresentableRecordException.class);

      writer.write(EVENT_E);
      writer.close();
      assertThat(Bytes.owning(out.toByteArray()).toHex()).isEqualTo(RECORD_E + RECORD_E);
    }
  }
}
