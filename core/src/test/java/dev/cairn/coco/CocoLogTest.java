package dev.cairn.coco;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.GapEvent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.TaggedEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Json;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CocoLogTest {
  private static final RegisterId RTMR3 = RegisterId.rtmr(3);
  private static final HashAlgorithm SHA384 = HashAlgorithm.SHA384;

  @TempDir Path folder;

  private static EventRecord record(RegisterId register, HashAlgorithm bank, PcClientEvent event) {
    DigestSet digests = new Hasher().hash(List.of(bank), event.data());
    return new EventRecord(0, register, digests, event);
  }

  private byte[] log(
      List<EventRecord> records, HashAlgorithm bank, LogHeader header, byte @Nullable [] ccel)
      throws IOException {
    try (CocoLog log =
        CocoLog.open(folder, bank, header, ccel == null ? null : new ByteArrayInputStream(ccel))) {
      CocoLog.Part part = log.upTo(new RecordsOnly(records), records.size()).orElseThrow();
      byte[] bytes = part.open().readAllBytes();
      assertThat(part.length()).isEqualTo(bytes.length);
      return bytes;
    }
  }

  /** The sets of {@code coco/aael_vectors.json}. */
  @ParameterizedTest
  @ValueSource(strings = {"tdx-rtmr3", "tpm-pcr16", "tpm-pcr23", "tpm-pcr17-drtm", "sample-fork"})
  void givenTheEventsOfAVector_whenWritten_thenEveryHeadersLogIsReproduced(String name)
      throws Exception {
    Map<String, Object> vector = vector(name);
    HashAlgorithm bank = HashAlgorithm.ofBank(Json.text(vector, "alg")).orElseThrow();
    RegisterId register =
        name.startsWith("tpm")
            ? RegisterId.pcr(Json.number(vector, "mr"))
            : new RegisterId(RegisterId.Kind.CCMR, Json.number(vector, "mr"));
    List<EventRecord> records = new ArrayList<>();
    for (Object element : Json.list(vector, "events")) {
      Map<String, Object> event = Json.object(element);
      EventRecord record =
          record(
              register,
              bank,
              AaelText.STRICT.event(
                  Json.text(event, "domain"),
                  Json.text(event, "operation"),
                  Json.text(event, "content")));
      assertThat(CocoRecord.encode(record, bank).map(HexFormat.of()::formatHex))
          .contains(Json.text(event, "record_hex"));
      records.add(record);
    }

    for (LogHeader header : LogHeader.values()) {
      String key =
          switch (header) {
            case LEGACY -> "cc_eventlog_b64_hdr69";
            case UPSTREAM -> "cc_eventlog_b64_hdr73_upstream";
            case FORK -> "cc_eventlog_b64_hdr73_fork";
          };
      if (header.declares(bank)) {
        assertThat(Base64.getEncoder().encodeToString(log(records, bank, header, null)))
            .as(key)
            .isEqualTo(Json.text(vector, key));
      }
    }
  }

  private static Map<String, Object> vector(String name) {
    Map<String, Object> all = Json.parseObject(Vectors.bytes("coco/aael_vectors.json"));
    for (Object set : Json.list(all, "sets")) {
      if (name.equals(Json.object(set).get("name"))) {
        return Json.object(set);
      }
    }
    throw new AssertionError("no set " + name);
  }

  @Test
  void givenTwoEvents_whenWrittenWithTheOldHeader_thenItIsUpstreamsSample() throws Exception {
    List<EventRecord> records = new ArrayList<>();
    for (String content : List.of("content1", "content2")) {
      records.add(record(RTMR3, SHA384, AaelText.STRICT.event("domain", "operation", content)));
    }

    assertThat(log(records, SHA384, LogHeader.LEGACY, null))
        .isEqualTo(Vectors.bytes("coco/aael_el_header_two_events.bin"));
  }

  @Test
  void givenAFirmwareLog_whenEventsFollow_thenTheWholeIsTheSampleOfARealMachine() throws Exception {
    byte[] whole = Vectors.bytes("coco/CCEL_AAEL_alibabacloud");
    int firstOfOurs = 11_447;
    byte[] padded = Arrays.copyOf(whole, 64 * 1024);
    Arrays.fill(padded, firstOfOurs, padded.length, (byte) 0xFF);
    List<EventRecord> records =
        List.of(
            record(
                RTMR3, SHA384, AaelText.STRICT.event("coco.com", "some-operation", "some-content")),
            record(
                RTMR3,
                SHA384,
                AaelText.STRICT.event(
                    "coco.com",
                    "some-operation",
                    "{\"key\": \"value\", \"nested-key\": {\"sub-key\": \"value\"}}")));

    assertThat(log(records, SHA384, LogHeader.UPSTREAM, padded)).isEqualTo(whole);
  }

  @ParameterizedTest
  @CsvSource({"coco/CCEL_data, 9822", "coco/CCEL_data_ovmf, 2120"})
  void givenATable_whenCut_thenItEndsAtItsEndMark(String name, int end) throws Exception {
    byte[] table = Vectors.bytes(name);

    FirmwarePart part = FirmwarePart.read(new ByteArrayInputStream(table));

    assertThat(part.bytes()).isEqualTo(Bytes.copyOf(table, 0, end));
    assertThat(part.declares(SHA384)).isTrue();
    assertThat(part.declares(HashAlgorithm.SHA256)).isFalse();
  }

  @Test
  void givenATableThatIsAsLongAsItsLog_whenRead_thenItNeedsNoEndMark() throws Exception {
    byte[] log = Arrays.copyOf(Vectors.bytes("coco/CCEL_data"), 9822);

    assertThat(FirmwarePart.read(new ByteArrayInputStream(log)).bytes())
        .isEqualTo(Bytes.copyOf(log));
  }

  @Test
  void givenAFirmwareLogOfAnotherAlgorithm_whenOpened_thenRefusedBeforeAnythingIsExtended() {
    byte[] table = Vectors.bytes("coco/CCEL_data_ovmf");

    assertThatThrownBy(() -> log(List.of(), HashAlgorithm.SHA256, LogHeader.UPSTREAM, table))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not declare sha256");
  }

  @Test
  void givenAHeaderWithoutTheBank_whenOpened_thenRefused() {
    assertThatThrownBy(() -> log(List.of(), HashAlgorithm.SHA256, LogHeader.LEGACY, null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("choose UPSTREAM");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 60, 100, 2000, 9821, 9823, 9829})
  void givenATableThatIsCutShort_whenRead_thenTheOffsetIsNamed(int length) {
    byte[] table = Arrays.copyOf(Vectors.bytes("coco/CCEL_data"), length);

    assertThatThrownBy(() -> FirmwarePart.read(new ByteArrayInputStream(table)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("CCEL: offset ");
  }

  @Test
  void givenNothingAtAll_whenAskedForTheLog_thenThereIsNone() throws Exception {
    try (CocoLog log = CocoLog.open(folder, SHA384, LogHeader.UPSTREAM, null)) {
      assertThat(log.upTo(new RecordsOnly(List.of()), 0)).isEqualTo(Optional.empty());
    }
  }

  @Test
  void givenPositionsInAnyOrder_whenAskedForTheLog_thenEachIsThePrefixThatBelongsToIt()
      throws Exception {
    List<EventRecord> records = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      records.add(record(RTMR3, SHA384, AaelText.STRICT.event("d", "o", "x".repeat(i * 3))));
    }
    byte[] whole = log(records, SHA384, LogHeader.UPSTREAM, null);
    try (CocoLog log = CocoLog.open(folder, SHA384, LogHeader.UPSTREAM, null)) {
      RecordsOnly snapshot = new RecordsOnly(records);
      for (int position : new int[] {10, 200, 3, 199, 200, 300, 250, 1}) {
        byte[] part = log.upTo(snapshot, position).orElseThrow().open().readAllBytes();
        byte[] expected = log(records.subList(0, position), SHA384, LogHeader.UPSTREAM, null);
        assertThat(part).as("position %d", position).isEqualTo(expected);
      }
      assertThat(log.upTo(snapshot, 300).orElseThrow().open().readAllBytes()).isEqualTo(whole);
    }
  }

  @Test
  void givenRecordsLongerThanABuffer_whenReadInPiecesOfAnySize_thenTheyAreTheSame()
      throws Exception {
    List<EventRecord> records = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      records.add(record(RTMR3, SHA384, AaelText.STRICT.event("d", "o", "x".repeat(i * 5))));
    }
    try (CocoLog log = CocoLog.open(folder, SHA384, LogHeader.UPSTREAM, null)) {
      long length = log.recordBytes(new RecordsOnly(records), records.size());
      byte[] whole = log.records(0, length).readAllBytes();
      assertThat(whole).hasSize((int) length);
      for (int piece : new int[] {1000, 8192, 20_000, 65_536}) {
        byte[] first = log.records(0, length).readNBytes(piece);
        assertThat(first).isEqualTo(Arrays.copyOf(whole, Math.min(piece, whole.length)));
      }
    }
  }

  @Nested
  class GivenOtherContent {
    @Test
    void whenItWasNeverExtended_thenItIsLeftOut() {
      DigestSet zeros = DigestSet.filled(List.of(SHA384), 0);
      EventRecord gap =
          new EventRecord(0, RTMR3, zeros, new GapEvent(zeros, zeros).toPcClientEvent());

      assertThat(CocoRecord.encode(gap, SHA384)).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(longs = {0x1, 0x5, 0xD, 0x8000_0003L, 0x7777_7777L})
    void whenItHasAnotherEventType_thenItIsCarriedInATagThatVerifiersAccept(long type) {
      EventRecord other = record(RTMR3, SHA384, new PcClientEvent(type, Bytes.fromHex("ff00ff")));

      assertThat(CocoRecord.encode(other, SHA384).map(HexFormat.of()::formatHex).orElseThrow())
          .startsWith("0400000006000000010000000c00")
          .endsWith("0f000000" + "454e5243" + "07000000" + littleEndian(type) + "ff00ff");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nospace", "one space", "\u00ff"})
    void whenItClaimsToBeAnAaelEventAndIsNone_thenTheTagIsAnother(String text) {
      Bytes payload = Bytes.copyOf(text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
      PcClientEvent event =
          new PcClientEvent(
              EventTypes.EV_EVENT_TAG, new TaggedEvent(AaelEvent.TAG, payload).encode());

      assertThat(
              CocoRecord.encode(record(RTMR3, SHA384, event), SHA384)
                  .map(HexFormat.of()::formatHex)
                  .orElseThrow())
          .contains("454e5243");
    }

    private static String littleEndian(long type) {
      return String.format(Locale.ROOT, "%08x", Integer.reverseBytes((int) type));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TDX, 0, rtmr3", "TDX, 1, rtmr0", "TDX, 2, rtmr1", "TDX, 6, rtmr1", "TDX, 7, rtmr0",
    "TDX, 8, rtmr2", "TDX, 15, rtmr2", "TDX, 16, rtmr3", "TDX, 17, rtmr3", "TDX, -1, rtmr3",
    "PCR, 0, pcr0", "PCR, 8, pcr8", "PCR, 23, pcr23", "SINGLE, 0, rtmr0", "SINGLE, 17, rtmr0",
    "SINGLE, -1, rtmr0"
  })
  void givenAPcr_whenMapped_thenTheRegisterIsTheAgents(RegisterMap map, long pcr, String register) {
    assertThat(map.register(pcr).name()).isEqualTo(register);
  }

  @ParameterizedTest
  @ValueSource(longs = {24, -1})
  void givenAPcrThatNoTpmHas_whenMapped_thenRefused(long pcr) {
    assertThatThrownBy(() -> RegisterMap.PCR.register(pcr))
        .hasMessageContaining("register_index: ")
        .hasMessageContaining("PCR 0 to 23");
  }

  @Nested
  class GivenText {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {"''|o|c|domain", "d||c|operation", "d d|o|c|domain", "d|o\to|c|operation"})
    void whenAWordIsNone_thenStrictNamesTheField(
        String domain, @Nullable String operation, String content, String field) {
      assertThatThrownBy(
              () -> AaelText.STRICT.event(domain, operation == null ? "" : operation, content))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(field + ": ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\rb", "a\u0000b", "a\u001bb"})
    void whenContentHasControlCharacters_thenStrictRefuses(String content) {
      assertThatThrownBy(() -> AaelText.STRICT.event("d", "o", content))
          .hasMessageStartingWith("content: ");
    }

    @Test
    void whenLenient_thenOnlyTheLineFeedIsRefused() {
      assertThat(AaelText.LENIENT.event("", "o o", "a\rb").data().toHex())
          .endsWith("20" + "6f206f" + "20" + "610d62");
      assertThatThrownBy(() -> AaelText.LENIENT.event("d", "o", "a\nb"))
          .hasMessageStartingWith("content: ");
    }

    @ParameterizedTest
    @EnumSource
    void whenASurrogateStandsAlone_thenRefused(AaelText rule) {
      assertThatThrownBy(() -> rule.event("d", "o", "\ud800")).hasMessageContaining("surrogate");
    }

    @ParameterizedTest
    @EnumSource
    void whenItIsTooLong_thenRefusedWithTheLimit(AaelText rule) {
      assertThatThrownBy(() -> rule.event("d", "o", "x".repeat(AaelText.MAX_BYTES)))
          .hasMessageContaining("at most 65536");
    }
  }
}
