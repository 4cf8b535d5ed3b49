package dev.cairn.eventlog.tcg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Logs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Tcg2WriterTest {
  private static final PcClientEvent AAEL =
      new AaelEvent("domain", "operation", "content").toPcClientEvent();

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private static EventRecord record(RegisterId register, HashAlgorithm... banks) {
    return new EventRecord(
        0, register, DigestSet.filled(List.of(banks), 0x11), new PcClientEvent(13, Bytes.EMPTY));
  }

  private static List<EventRecord> read(byte[] log) throws IOException {
    return Logs.readAll(Tcg2.reader(new ByteArrayInputStream(log), Limits.DEFAULT));
  }

  @Nested
  class GivenTheVectorsOfTheReference {
    private static final String V6_HEADER =
        "01000000030000000000000000000000000000000000000000000000"
            + "2100000053706563204944204576656e743033000000000000020002010000000c00300000";
    private static final String V6_RECORD =
        "0400000006000000010000000c00"
            + "dad5f0e226318ffa9839b75a472c6aa7fdb5834949d0a0a22990cf04d5692440"
            + "fb00f3aa0609db7e49cd8d793f670d02"
            + "200000004c45414118000000646f6d61696e206f7065726174696f6e20636f6e74656e74";
    private static final String V7 =
        "00000000030000000000000000000000000000000000000000000000250000005370656320494420"
            + "4576656e74303300000000000002000202000000040014000b002000000000000003000000020000"
            + "00040000000000000000000000000000000000000000000b00000000000000000000000000000000"
            + "000000000000000000000000000000000011000000537461727475704c6f63616c69747900030000"
            + "0000040000000200000004009069ca78e7450a285173431b3e52c5c25299e4730b00df3f619804a9"
            + "2fdb4057192dc43dd748ea778adc52bc498ce80524c014b811190400000000000000";
    private static final String V8_RECORD =
        "0000000010000080010000000b0007f7ab476bc3a83fad639d34a012cb4a5f859441f0d24c11627ca9669683"
            + "901205000000484352544d";

    @Test
    void whenAnAaelEventOfAnRtmrIsWritten_thenItIsV6() throws IOException {
      EventRecord record =
          new EventRecord(
              0, RegisterId.rtmr(3), DigestSet.of(HashAlgorithm.SHA384.hash(AAEL.data())), AAEL);

      Logs.write(Tcg2.writer(out, Tcg2Options.DEFAULT.withEndMark(true)), List.of(record));

      assertThat(out.toByteArray()).isEqualTo(Logs.hex(V6_HEADER, V6_RECORD, "ff".repeat(8)));
    }

    @Test
    void whenV7IsRead_thenItIsWrittenBack() throws IOException {
      List<EventRecord> records = read(Logs.hex(V7));

      Logs.write(Tcg2.writer(out, Tcg2Options.DEFAULT), records);

      assertThat(records).hasSize(3);
      assertThat(out.toByteArray()).isEqualTo(Logs.hex(V7));
    }

    @Test
    void whenV8IsRead_thenItsDigestIsThatOfTheFirmware() throws IOException {
      byte[] log = LogBytes.sha256().hex(V8_RECORD).toArray();
      List<EventRecord> records = read(log);

      Logs.write(Tcg2.writer(out, Tcg2Options.DEFAULT), records);

      assertThat(records.get(1).digests().at(0))
          .isEqualTo(HashAlgorithm.SHA256.hash(Bytes.copyOf(new byte[] {'f', 'w'})));
      assertThat(out.toByteArray()).isEqualTo(log);
    }
  }

  @Nested
  class GivenNoHeaderAmongTheRecords {
    @Test
    void whenBanksAreNamed_thenTheHeaderDeclaresThemInThatOrder() throws IOException {
      Tcg2Options options =
          Tcg2Options.DEFAULT.withBanks(List.of(HashAlgorithm.SHA256, HashAlgorithm.SHA1));

      Logs.write(
          Tcg2.writer(out, options),
          List.of(record(RegisterId.pcr(1), HashAlgorithm.SHA1, HashAlgorithm.SHA256)));

      PcClientEvent header = (PcClientEvent) read(out.toByteArray()).get(0).content();
      assertThat(SpecIdEvent.parse(header.data()).algorithms())
          .containsExactly(
              new SpecIdEvent.Algorithm(0x0B, 32), new SpecIdEvent.Algorithm(0x04, 20));
    }

    @Test
    void whenThereAreNoRecords_thenNamedBanksStillMakeAHeader() throws IOException {
      Tcg2Options options =
          new Tcg2Options(List.of(HashAlgorithm.SHA384), RegisterId.Kind.CCMR, true);

      Logs.write(Tcg2.writer(out, options), List.of());

      assertThat(read(out.toByteArray()))
          .extracting(EventRecord::register)
          .containsExactly(new RegisterId(RegisterId.Kind.CCMR, 1));
    }

    @Test
    void whenThereIsNothingToSay_thenNothingIsWritten() throws IOException {
      Logs.write(Tcg2.writer(out, Tcg2Options.DEFAULT), List.of());

      assertThat(out.size()).isZero();
    }
  }

  @Nested
  class GivenARecordWithoutAForm {
    static Stream<EventContent> contents() {
      return Stream.of(
          new ImaTemplate("ima-ng", Bytes.EMPTY),
          new Management.CelVersion(1, 1),
          new OpaqueContent("80", OpaqueContent.Encoding.TLV, Bytes.EMPTY));
    }

    private void assertRefused(EventRecord record, String reason) throws IOException {
      EventWriter writer = Tcg2.writer(out, Tcg2Options.DEFAULT);
      writer.write(record(RegisterId.pcr(1), HashAlgorithm.SHA256));
      int before = out.size();

      assertThatThrownBy(() -> writer.write(record))
          .isInstanceOf(UnrepresentableRecordException.class)
          .hasMessageContaining(reason);

      assertThat(out.size()).isEqualTo(before);
      writer.write(record(RegisterId.pcr(1), HashAlgorithm.SHA256));
    }

    @ParameterizedTest
    @MethodSource("contents")
    void whenItsContentIsNoPcClientEvent_thenItNamesTheContent(EventContent content)
        throws IOException {
      assertRefused(
          new EventRecord(0, RegisterId.pcr(1), DigestSet.EMPTY, content),
          content.getClass().getSimpleName());
    }

    @Test
    void whenItsBankIsNotDeclared_thenItNamesTheBank() throws IOException {
      assertRefused(record(RegisterId.pcr(1), HashAlgorithm.SHA384), "sha384");
    }

    @Test
    void whenItsUnknownAlgorithmIsNotDeclared_thenItNamesTheAlgorithm() throws IOException {
      UnknownDigest unknown = new UnknownDigest(0x7777, Bytes.EMPTY);
      assertRefused(
          new EventRecord(0, RegisterId.pcr(1), DigestSet.EMPTY, List.of(unknown), AAEL), "0x7777");
    }

    @Test
    void whenItsRegisterIsOfAnotherKind_thenOneLogCannotHoldBoth() throws IOException {
      assertRefused(record(RegisterId.rtmr(2), HashAlgorithm.SHA256), "began with a PCR");
    }

    @Test
    void whenItsRegisterIsAnNvIndex_thenItIsRefused() throws IOException {
      RegisterId nv = new RegisterId(RegisterId.Kind.NV, 0x01C1_0000);
      assertRefused(record(nv, HashAlgorithm.SHA256), "NV");
    }

    @Test
    void whenItWouldBeReadAsTheEndMark_thenItIsRefused() throws IOException {
      assertRefused(
          new EventRecord(
              0,
              RegisterId.pcr(0xFFFF_FFFFL),
              DigestSet.EMPTY,
              new PcClientEvent(0xFFFF_FFFFL, Bytes.EMPTY)),
          "end mark");
    }

    @Test
    void whenItWouldBeReadAsPadding_thenItIsRefused() throws IOException {
      assertRefused(
          new EventRecord(0, RegisterId.pcr(0), DigestSet.EMPTY, new PcClientEvent(0, Bytes.EMPTY)),
          "padding");
    }

    @Test
    void whenAHeaderComesWithOtherDigests_thenItIsRefused() {
      EventRecord header =
          new EventRecord(
              0,
              RegisterId.pcr(0),
              DigestSet.filled(List.of(HashAlgorithm.SHA256), 0),
              new PcClientEvent(3, SpecIdEvent.of(List.of(HashAlgorithm.SHA256)).encode()));

      assertThatThrownBy(() -> Tcg2.writer(out, Tcg2Options.DEFAULT).write(header))
          .hasMessageContaining("exactly one digest, of sha1");
      assertThat(out.size()).isZero();
    }
  }
}
