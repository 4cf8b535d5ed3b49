package dev.cairn.eventlog.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
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
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CelTlvTest {
  private static final String RECNUM_0 = "00000000080000000000000000";
  private static final String PCR_16 = "010000000110";
  private static final String SHA256_OF_E =
      "46df8dacf00a07d34a83cdf56d7978697790787cf2ba1432ef7c38f22cd96351";
  private static final String DIGESTS = "03000000250b00000020" + SHA256_OF_E;
  private static final String E_DATA =
      "4c45414118000000646f6d61696e206f7065726174696f6e20636f6e74656e74";
  private static final String CONTENT_E = "050000002e00000000040000000601" + "00000020" + E_DATA;
  private static final String V1 = RECNUM_0 + PCR_16 + DIGESTS + CONTENT_E;
  private static final String V2 =
      "000000000100" + PCR_16 + DIGESTS + "050000002b" + "000000000106" + "0100000020" + E_DATA;
  private static final String V3 =
      RECNUM_0
          + "6c0000000104"
          + "03000000350c000000303e73b498c9e4e57dc0a70b2e41d58ed7b790cff9b1fb67bc766ac1dda62114bb80423683f122f4bef34ff529a2d583e8"
          + "50000000080000000003696d67";

  private static final EventRecord EVENT_E =
      record(RegisterId.pcr(16), new AaelEvent("domain", "operation", "content").toPcClientEvent());

  private static EventRecord record(RegisterId register, EventContent content) {
    return new EventRecord(0, register, sha256(SHA256_OF_E), content);
  }

  private static DigestSet sha256(String hex) {
    return DigestSet.of(new Digest(HashAlgorithm.SHA256, Bytes.fromHex(hex)));
  }

  private static List<EventRecord> read(String hex) throws IOException {
    return EventRecords.readAll(reader(hex, Limits.DEFAULT));
  }

  private static EventReader reader(String hex, Limits limits) {
    return CelTlv.reader(new ByteArrayInputStream(Bytes.fromHex(hex).toArray()), limits);
  }

  private static String write(EventRecord... records) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var writer = CelTlv.writer(out)) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }
    return Bytes.owning(out.toByteArray()).toHex();
  }

  private static MalformedLogException damageOf(String hex) {
    return catchThrowableOfType(MalformedLogException.class, () -> read(hex));
  }

  @Nested
  class GivenTheInlineVectors {
    @Test
    void whenWritingEventE_thenItIsV1ByteForByte() throws Exception {
      assertThat(write(EVENT_E)).isEqualTo(V1).hasSize(2 * 112);
    }

    @ParameterizedTest
    @ValueSource(strings = {V1, V2})
    void whenReadingEitherWidth_thenItIsEventE(String hex) throws Exception {
      assertThat(read(hex)).containsExactly(EVENT_E);
    }

    @Test
    void whenReadingAMinimalLog_thenItIsWrittenInOurWidths() throws Exception {
      assertThat(write(read(V2).get(0))).isEqualTo(V1);
    }

    @Test
    void whenReadingGooglesStyle_thenItIsRtmr3WithOpaqueContentAndWrittenBackAlike()
        throws Exception {
      EventRecord record = read(V3).get(0);

      assertThat(record.register()).isEqualTo(RegisterId.rtmr(3));
      assertThat(record.content())
          .isEqualTo(
              new OpaqueContent(
                  "80", OpaqueContent.Encoding.TLV, Bytes.fromHex("0000000003696d67")));
      assertThat(write(record)).isEqualTo(V3);
    }
  }

  @Nested
  class GivenContents {
    static final String HEAD = RECNUM_0 + PCR_16 + DIGESTS;

    static EventContent content(String hex) throws IOException {
      return read(HEAD + hex).get(0).content();
    }

    @Test
    void whenManagement_thenEachIsReadAndWritten() throws Exception {
      assertContent(
          "0400000013" + "010000000e" + "00000000020001" + "01000000020001",
          new Management.CelVersion(1, 1));
      assertContent("0400000005" + "0200000000", new Management.FirmwareEnd());
      assertContent(
          "040000000d" + "5000000008" + "0000019950f72c00",
          new Management.Timestamp(1758000000000L));
      assertContent("0400000009" + "5100000004" + "00000002", new Management.StateTransition(2));
    }

    @Test
    void whenImaTlv_thenTheNestedTlvsAreKept() throws Exception {
      String nested = "0000000006" + "2f62696e2f78" + "0100000025" + "0b00000020" + "58".repeat(32);

      assertContent("0800000035" + nested, new ImaTlv(Bytes.fromHex(nested)));
    }

    private static void assertContent(String hex, EventContent content) throws IOException {
      assertThat(content(hex)).isEqualTo(content);
      assertThat(write(record(RegisterId.pcr(16), content))).isEqualTo(HEAD + hex);
    }

    @Test
    void whenVersionIsInMinimalIntegers_thenItIsTheSame() throws Exception {
      assertThat(content("0400000011" + "010000000c" + "000000000101" + "010000000101"))
          .isEqualTo(new Management.CelVersion(1, 1));
    }

    @ParameterizedTest
    @CsvSource({ // the inside of a known type is not as it has to be
      "pcclient_std without data, 05, 000000000400000006",
      "pcclient_std in another order, 05, 0100000000000000000400000006",
      "pcclient_std with more, 05, 000000000400000006010000000002000000" + "00",
      "pcclient_std of a 5-byte type, 05, 000000000501000000000100000000",
      "pcclient_std of a 9-byte type, 05, 00000000090000000000000000000100000000",
      "pcclient_std that overruns, 05, 0000000004000000060100000001",
      "ima_template not in UTF-8, 07, 0000000001ff0100000000",
      "cel of an unknown kind, 04, 0300000000",
      "firmware_end with data, 04, 020000000100",
      "cel_version 65536, 04, 010000000f0000000003010000010000000100",
      "state_trans of 5 bytes, 04, 51000000050100000000",
      "cel_timestamp of 9 bytes, 04, 5000000009000000000000000000",
      "cel without anything, 04, ''",
    })
    void whenTheInsideOfAKnownTypeIsOdd_thenItStaysOpaqueAndIsWrittenBack(
        String what, String type, String value) throws Exception {
      String hex = type + "%08x".formatted(value.length() / 2) + value;

      assertThat(content(hex))
          .as(what)
          .isEqualTo(
              new OpaqueContent(
                  Integer.toString(Integer.parseInt(type, 16)),
                  OpaqueContent.Encoding.TLV,
                  Bytes.fromHex(value)));
      assertThat(write(read(HEAD + hex).get(0))).isEqualTo(HEAD + hex);
    }
  }

  @Nested
  class GivenRegisters {
    @ParameterizedTest
    @CsvSource({
      "pcr0, 010000000100",
      "pcr255, 0100000001ff",
      "pcr256, 010000000400000100",
      "rtmr3, 6c0000000104",
      "ccmr300, 6c000000040000012c",
      "nv0x01c10000, 020000000401c10000",
      "nv0x00000001, 020000000400000001",
    })
    void whenWriting_thenTypeAndWidthAreTheProfiles(String name, String tlv) throws Exception {
      RegisterId register = RegisterId.parse(name).orElseThrow();
      String expected = RECNUM_0 + tlv + DIGESTS + CONTENT_E;

      assertThat(write(record(register, EVENT_E.content()))).isEqualTo(expected);
      assertThat(read(expected).get(0).register()).isEqualTo(register);
    }

    @Test
    void whenAnIntegerHasNoBytes_thenItIsZero() throws Exception {
      EventRecord record = read("0000000000" + "0100000000" + DIGESTS + CONTENT_E).get(0);

      assertThat(record.recnum()).isZero();
      assertThat(record.register()).isEqualTo(RegisterId.pcr(0));
    }
  }

  @Nested
  class GivenDigests {
    @Test
    void whenTheyComeInAnyOrder_thenTheyAreWrittenAscending() throws Exception {
      String sm3 = "1200000020" + "12".repeat(32);
      String sha1 = "0400000014" + "04".repeat(20);
      String unknown = "0500000002" + "0505";
      String last = "ff00000000";
      String shuffled = last + sm3 + unknown + sha1;

      EventRecord record =
          read(RECNUM_0
                  + PCR_16
                  + "0300000051".replace("51", length(shuffled))
                  + shuffled
                  + CONTENT_E)
              .get(0);

      assertThat(record.unknownDigests())
          .containsExactly(
              new UnknownDigest(5, Bytes.fromHex("0505")), new UnknownDigest(0xFF, Bytes.EMPTY));
      assertThat(write(record)).contains(sha1 + unknown + sm3 + last);
    }

    private static String length(String hex) {
      return "%02x".formatted(hex.length() / 2);
    }

    @Test
    void whenThereAreNone_thenThatIsKept() throws Exception {
      String none = RECNUM_0 + PCR_16 + "0300000000" + CONTENT_E;

      assertThat(read(none).get(0).digests()).isEqualTo(DigestSet.EMPTY);
      assertThat(write(read(none).get(0))).isEqualTo(none);
    }
  }

  @Nested
  class GivenDamage {
    static final int CONTENT_AT = (RECNUM_0 + PCR_16 + DIGESTS).length() / 2;

    @ParameterizedTest
    @CsvSource({
      "the head of recnum, 3, 0",
      "recnum, 12, 0",
      "the head of the register, 15, 13",
      "digests, 40, 19",
      "content, 111, 61",
    })
    void whenTheSecondRecordIsCut_thenTheFirstComesAndThenTheTlvsOffset(
        String where, int kept, int tlvAt) throws Exception {
      EventReader reader = reader(V1 + V1.substring(0, 2 * kept), Limits.DEFAULT);

      assertThat(reader.next()).as(where).isEqualTo(EVENT_E);
      MalformedLogException damage =
          catchThrowableOfType(MalformedLogException.class, reader::next);
      assertThat(damage.offset()).isEqualTo(112 + tlvAt);
      assertThatThrownBy(reader::next).isSameAs(damage);
      assertThat(reader.recordOffset()).isZero();
      assertThat(reader.endOffset()).isEqualTo(112);
    }

    @ParameterizedTest
    @CsvSource({
      "recnum of nine bytes, 0000000009" + "000000000000000000, 0",
      "recnum above 2^63, 00000000088000000000000000" + PCR_16 + DIGESTS + CONTENT_E + ", 0",
      "no recnum, " + PCR_16 + ", 0",
      "no register, " + RECNUM_0 + DIGESTS + ", 13",
      "register above u32, " + RECNUM_0 + "01000000050100000000" + DIGESTS + CONTENT_E + ", 13",
      "no digests, " + RECNUM_0 + PCR_16 + CONTENT_E + ", 19",
      "no content, " + RECNUM_0 + PCR_16 + DIGESTS + RECNUM_0 + ", 61",
      "digests that claim 2 GiB, " + RECNUM_0 + PCR_16 + "037fffffff, 19",
      "digests that claim 4 GiB, " + RECNUM_0 + PCR_16 + "03ffffffff, 19",
      "content that claims 4 GiB, " + RECNUM_0 + PCR_16 + DIGESTS + "05ffffffff, 61",
      "a short digest, " + RECNUM_0 + PCR_16 + "03000000060b0000000100" + CONTENT_E + ", 24",
      "a digest past its end, " + RECNUM_0 + PCR_16 + "03000000060b0000000200" + CONTENT_E + ", 24",
      "half a digest head, " + RECNUM_0 + PCR_16 + "03000000020b00" + CONTENT_E + ", 24",
      "a bank twice, "
          + RECNUM_0
          + PCR_16
          + "030000004a"
          + "0b00000020"
          + SHA256_OF_E
          + "0b00000020"
          + SHA256_OF_E
          + CONTENT_E
          + ", 61",
      "an unknown one twice, "
          + RECNUM_0
          + PCR_16
          + "030000000a"
          + "99000000009900000000"
          + CONTENT_E
          + ", 29",
    })
    void whenARecordIsBroken_thenTheOffsetIsThatOfTheTlv(String what, String hex, long offset) {
      assertThat(damageOf(hex).offset()).as(what).isEqualTo(offset);
    }

    @Test
    void whenMoreDigestsThanAllowed_thenTheFirstTooMany() {
      Limits two = new Limits(1 << 20, 2, 16);
      String three = "03000000" + "0f" + "0100000000" + "0200000000" + "0300000000";

      assertThatThrownBy(() -> reader(RECNUM_0 + PCR_16 + three + CONTENT_E, two).next())
          .isInstanceOfSatisfying(
              MalformedLogException.class, e -> assertThat(e.offset()).isEqualTo(24 + 10));
    }

    @Test
    void whenContentIsLongerThanAllowed_thenRefusedUnread() {
      Limits ten = new Limits(10, 16, 16);

      assertThatThrownBy(() -> reader(V1, ten).next())
          .isInstanceOfSatisfying(
              MalformedLogException.class, e -> assertThat(e.offset()).isEqualTo(CONTENT_AT));
    }
  }

  @Nested
  class GivenRecordsThatTlvCannotSay {
    static final UnknownDigest WIDE = new UnknownDigest(0x1234, Bytes.EMPTY);
    static final UnknownDigest NARROW = new UnknownDigest(0x99, Bytes.EMPTY);
    static final UnknownDigest KNOWN = new UnknownDigest(0x0B, Bytes.EMPTY);

    static List<EventRecord> refused() {
      EventContent event = EVENT_E.content();
      RegisterId pcr = RegisterId.pcr(1);
      return List.of(
          new EventRecord(-1, pcr, DigestSet.EMPTY, event),
          new EventRecord(0, pcr, DigestSet.EMPTY, List.of(WIDE), event),
          new EventRecord(0, pcr, DigestSet.EMPTY, List.of(KNOWN), event),
          new EventRecord(0, pcr, DigestSet.EMPTY, List.of(NARROW, NARROW), event),
          record(pcr, new Management.CelVersion(65536, 0)),
          record(pcr, new Management.StateTransition(1L << 32)),
          record(pcr, new OpaqueContent("tss2", OpaqueContent.Encoding.TLV, Bytes.EMPTY)),
          record(pcr, new OpaqueContent("256", OpaqueContent.Encoding.TLV, Bytes.EMPTY)),
          record(pcr, new OpaqueContent("3", OpaqueContent.Encoding.TLV, Bytes.EMPTY)),
          record(pcr, new OpaqueContent("80", OpaqueContent.Encoding.CBOR, Bytes.EMPTY)));
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.MethodSource("refused")
    void whenWriting_thenRefusedAndNothingOfItIsWritten(EventRecord record) throws Exception {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      var writer = CelTlv.writer(out);
      writer.write(EVENT_E);

      assertThatThrownBy(() -> writer.write(record))
          .isInstanceOf(UnrepresentableRecordException.class);

      writer.write(EVENT_E);
      writer.close();
      assertThat(Bytes.owning(out.toByteArray()).toHex()).isEqualTo(V1 + V1);
    }

    @Test
    void whenTheBufferIsTooSmall_thenNothingIsPut() {
      ByteBuffer small = ByteBuffer.allocate(111);

      assertThatThrownBy(() -> CelTlv.encode(EVENT_E, small))
          .isInstanceOf(java.nio.BufferOverflowException.class);
      assertThat(small.position()).isZero();
    }
  }

  @Nested
  class GivenOneRecordInAnArray {
    final byte[] array = Bytes.fromHex("ffff" + V1 + "ff").toArray();

    @Test
    void whenDecodingItsRange_thenItIsTheRecord() throws Exception {
      assertThat(CelTlv.decode(array, 2, 112, Limits.DEFAULT)).isEqualTo(EVENT_E);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 111, 113})
    void whenTheRangeIsNotTheRecord_thenRefused(int length) {
      assertThatThrownBy(() -> CelTlv.decode(array, 2, length, Limits.DEFAULT))
          .isInstanceOf(MalformedLogException.class);
    }
  }

  @Nested
  class GivenLargeContent {
    @Test
    void whenItIsAsLongAsAllowed_thenItIsRead() throws Exception {
      Bytes data = Bytes.filled(Limits.DEFAULT.maxContentBytes(), 7);
      EventRecord record = record(RegisterId.pcr(1), new PcClientEvent(1, data));

      assertThat(read(write(EVENT_E, record, EVENT_E))).containsExactly(EVENT_E, record, EVENT_E);
    }
  }
}
