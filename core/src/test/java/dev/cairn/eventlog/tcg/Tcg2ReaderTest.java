package dev.cairn.eventlog.tcg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Logs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Tcg2ReaderTest {
  private static final int SHA256 = HashAlgorithm.SHA256.tpmId();
  private static final int UNKNOWN_ALGORITHM = 0x7777;

  private static Logs read(byte[] log, RegisterId.Kind... kind) throws IOException {
    return Logs.read(
        Tcg2.reader(
            new ByteArrayInputStream(log), Limits.DEFAULT, kind.length == 0 ? null : kind[0]));
  }

  private static void assertBroken(Logs log, int records, long offset, String reason) {
    assertThat(log.records()).hasSize(records);
    assertThat(log.error()).isNotNull().hasMessageContaining(reason);
    assertThat(log.error()).extracting(MalformedLogException::offset).isEqualTo(offset);
  }

  private static void assertWrittenBack(byte[] log) throws IOException {
    ByteArrayOutputStream copy = new ByteArrayOutputStream();
    Logs.write(Tcg2.writer(copy, Tcg2Options.DEFAULT), read(log).records());
    assertThat(copy.toByteArray()).isEqualTo(log);
  }

  @Nested
  class GivenAHeader {
    @ParameterizedTest
    @CsvSource({
      "69 bytes,    25000000, 02000000 0c003000 12002000 00",
      "73 bytes,    29000000, 03000000 0b002000 0c003000 12002000 00",
      "73 inclavare,29000000, 03000000 0c003000 12002000 0b002000 00",
    })
    void whenItIsOneOfCoco_thenIndicesAreCcmrsAndItIsWrittenBack(
        String name, String size, String algorithms) throws IOException {
      byte[] log =
          new LogBytes()
              .u32(0, 3)
              .filled(20, 0)
              .hex(size)
              .filled(24, 0)
              .hex(algorithms.replace(" ", ""))
              .record(4, 6, HashAlgorithm.SHA384, 0x5a, "00")
              .toArray();

      assertThat(read(log).records())
          .extracting(EventRecord::register)
          .containsExactly(RegisterId.MRTD, RegisterId.rtmr(3));
      assertWrittenBack(log);
    }

    @Test
    void whenItsEventSizeLeavesVendorInfoOut_thenTheBytesBehindItAreTakenAsThat()
        throws IOException {
      byte[] log =
          strayVendorInfo().hex("deadbeef").record(7, 1, HashAlgorithm.SHA256, 1, "").toArray();

      Logs read = read(log);

      assertThat(read.error()).isNull();
      assertThat(read.records()).hasSize(2);
      assertThat(read.end()).isEqualTo(log.length);
      assertThat(header(read).vendorInfo()).isEqualTo(Bytes.fromHex("deadbeef"));
    }

    @Test
    void whenItsVendorInfoIsNotThereAtAll_thenRecordsBeginAtOnce() throws IOException {
      byte[] log = strayVendorInfo().record(7, 1, HashAlgorithm.SHA256, 1, "").toArray();

      Logs read = read(log);

      assertThat(read.records()).hasSize(2);
      assertThat(header(read).claimedVendorInfoSize()).isEqualTo(4);
      assertThat(header(read).vendorInfo().isEmpty()).isTrue();
      assertWrittenBack(log);
    }

    @Test
    void whenNeitherPlaceHasARecord_thenItSaysSo() throws IOException {
      LogBytes log = strayVendorInfo();
      int end = log.length();

      assertBroken(read(log.filled(40, 0x41).toArray()), 0, end, "leaves out its 4 bytes");
    }

    private static LogBytes strayVendorInfo() {
      byte[] event = SpecIdEvent.of(List.of(HashAlgorithm.SHA256)).encode().toArray();
      event[event.length - 1] = 4;
      return new LogBytes().header(0, Bytes.owning(event));
    }

    private static SpecIdEvent header(Logs log) {
      return SpecIdEvent.parse(((PcClientEvent) log.records().get(0).content()).data());
    }

    @Test
    void whenItStandsAlone_thenItIsTheOneRecord() throws IOException {
      assertThat(read(LogBytes.sha256().toArray()).records())
          .singleElement()
          .satisfies(record -> assertThat(record.content().measured()).isFalse());
    }

    @ParameterizedTest
    @CsvSource({
      "1, CCMR, ",
      "0, PCR, ",
      "1, PCR, PCR",
      "0, CCMR, CCMR",
    })
    void whenTheKindOfRegisterIsAsked_thenTheIndexTellsUnlessTheCallerKnows(
        int index, RegisterId.Kind kind, RegisterId.Kind hint) throws IOException {
      byte[] log =
          new LogBytes()
              .header(index, SpecIdEvent.of(List.of(HashAlgorithm.SHA384)).encode())
              .toArray();

      Logs read = hint == null ? read(log) : read(log, hint);

      assertThat(read.records()).extracting(r -> r.register().kind()).containsExactly(kind);
    }

    @ParameterizedTest
    @CsvSource({"ffffffff0b00200000", "020000000b00200000", "010000000b002000"})
    void whenItDeclaresMoreThanItHolds_thenItIsRefused(String algorithms) throws IOException {
      String event = "53706563204944204576656e74303300" + "0000000000020002" + algorithms;
      byte[] log = new LogBytes().header(0, Bytes.fromHex(event)).toArray();

      assertBroken(read(log), 0, Tcg2.HEADER_HEAD, "algorithms declared");
    }

    @Test
    void whenItDeclaresMoreThanTheLimit_thenItIsRefused() throws IOException {
      List<SpecIdEvent.Algorithm> algorithms =
          IntStream.range(0x100, 0x111).mapToObj(id -> new SpecIdEvent.Algorithm(id, 1)).toList();
      SpecIdEvent event = new SpecIdEvent(false, 0, 0, 2, 0, 2, algorithms, Bytes.EMPTY, 0);
      byte[] log = new LogBytes().header(0, event.encode()).toArray();

      assertBroken(read(log), 0, Tcg2.HEADER_HEAD, "17 algorithms declared, at most 16");
    }

    @ParameterizedTest
    @CsvSource({
      "010000000b001400, declared with 20 bytes",
      "020000000b0020000b002000, declared twice"
    })
    void whenADeclarationIsImpossible_thenItIsRefused(String algorithms, String reason)
        throws IOException {
      String event = "53706563204944204576656e74303300" + "0000000000020002" + algorithms + "00";
      byte[] log = new LogBytes().header(0, Bytes.fromHex(event)).toArray();

      assertBroken(read(log), 0, Tcg2.HEADER_HEAD, reason);
    }
  }

  @Nested
  class GivenNoHeader {
    @Test
    void whenThereIsNothing_thenTheLogIsEmpty() throws IOException {
      assertThat(read(new byte[0])).isEqualTo(new Logs(List.of(), 0, null));
    }

    @Test
    void whenItIsATcg12Record_thenItsTypeIsNamed() throws IOException {
      byte[] separator =
          Logs.hex("07000000040000009069ca78e7450a285173431b3e52c5c25299e4730400000000000000");

      assertBroken(read(separator), 0, 4, "event type 0x4");
    }

    @Test
    void whenItIsAnotherNoActionEvent_thenTheSignatureIsMissed() throws IOException {
      byte[] log = new LogBytes().header(0, Bytes.filled(40, 0x41)).toArray();

      assertBroken(read(log), 0, Tcg2.HEADER_HEAD, "Spec ID Event03");
    }
  }

  @Nested
  class GivenRecords {
    @Test
    void whenAWellKnownAlgorithmIsNotDeclared_thenItIsReadAllTheSame() throws IOException {
      byte[] log = LogBytes.sha256().record(3, 1, HashAlgorithm.SHA512, 9, "0102").toArray();

      assertThat(read(log).records().get(1).digests().banks())
          .containsExactly(HashAlgorithm.SHA512);
    }

    @Test
    void whenAnUnknownAlgorithmIsNotDeclared_thenTheRestCannotBeRead() throws IOException {
      LogBytes log = LogBytes.sha256().u32(3, 1, 1);
      int offset = log.length();

      assertBroken(
          read(log.digest(UNKNOWN_ALGORITHM, 32, 1).event("").toArray()),
          1,
          offset,
          "algorithm 0x7777");
    }

    @Test
    void whenAnUnknownAlgorithmIsDeclared_thenItsDigestIsKeptAndWrittenBack() throws IOException {
      SpecIdEvent header =
          new SpecIdEvent(
              false,
              0,
              0,
              2,
              0,
              2,
              List.of(
                  new SpecIdEvent.Algorithm(UNKNOWN_ALGORITHM, 5),
                  new SpecIdEvent.Algorithm(SHA256, 32)),
              Bytes.EMPTY,
              0);
      byte[] log =
          new LogBytes()
              .header(0, header.encode())
              .u32(3, 1, 2)
              .digest(UNKNOWN_ALGORITHM, 5, 7)
              .digest(SHA256, 32, 8)
              .event("")
              .toArray();

      assertThat(read(log).records().get(1).unknownDigests())
          .containsExactly(new UnknownDigest(UNKNOWN_ALGORITHM, Bytes.filled(5, 7)));
      assertWrittenBack(log);
    }

    @Test
    void whenOneAlgorithmHasTwoDigests_thenTheSecondIsRefused() throws IOException {
      LogBytes log = LogBytes.sha256().u32(3, 1, 2).digest(SHA256, 32, 1);
      int offset = log.length();

      assertBroken(
          read(log.digest(SHA256, 32, 2).event("").toArray()),
          1,
          offset,
          "second digest of algorithm 0x000B");
    }

    @Test
    void whenNoActionHasAnotherNumberOfDigests_thenItIsRead() throws IOException {
      byte[] log = LogBytes.sha256().u32(0, 3, 0).event("0102").toArray();

      assertThat(read(log).records().get(1).digests().isEmpty()).isTrue();
      assertWrittenBack(log);
    }

    @Test
    void whenTheIndexIsAllOnes_thenItIsARecordAndNotTheEnd() throws IOException {
      byte[] log =
          LogBytes.sha256()
              .record(-1, 3, HashAlgorithm.SHA256, 1, "040001c0")
              .record(7, 4, HashAlgorithm.SHA256, 2, "00000000")
              .toArray();

      assertThat(read(log).records())
          .extracting(EventRecord::register)
          .containsExactly(RegisterId.pcr(0), RegisterId.pcr(0xFFFF_FFFFL), RegisterId.pcr(7));
      assertWrittenBack(log);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x14, 0x40E, 0x0800_0001, 0x8000_00FF, -1})
    void whenTheEventTypeHasNoName_thenItIsReadAllTheSame(int type) throws IOException {
      byte[] log = LogBytes.sha256().record(7, type, HashAlgorithm.SHA256, 1, "").toArray();

      assertThat(read(log).records().get(1).content())
          .isEqualTo(new PcClientEvent(Integer.toUnsignedLong(type), Bytes.EMPTY));
    }

    @Test
    void whenRegistersTakeTurns_thenEachIsNumberedFromZeroWithUnmeasuredRecords()
        throws IOException {
      byte[] log =
          LogBytes.sha256()
              .record(0, 3, HashAlgorithm.SHA256, 0, "")
              .record(7, 1, HashAlgorithm.SHA256, 0, "")
              .record(0, 1, HashAlgorithm.SHA256, 0, "")
              .record(7, 1, HashAlgorithm.SHA256, 0, "")
              .toArray();

      assertThat(read(log).records())
          .extracting(EventRecord::recnum)
          .containsExactly(0L, 1L, 0L, 2L, 1L);
    }
  }

  @Nested
  class GivenItsEnd {
    private static LogBytes oneRecord() {
      return LogBytes.sha256().record(7, 1, HashAlgorithm.SHA256, 1, "0a");
    }

    @ParameterizedTest
    @CsvSource({"8, 0", "11, 0", "100, 0", "8, 50", "0, 16", "0, 300000"})
    void whenPaddingFollows_thenTheLogEndsBeforeIt(int ones, int zeros) throws IOException {
      byte[] log = oneRecord().toArray();
      byte[] padded = Arrays.copyOf(log, log.length + ones + zeros);
      Arrays.fill(padded, log.length, log.length + ones, (byte) 0xFF);

      Logs read = read(padded);

      assertThat(read.error()).isNull();
      assertThat(read.end()).isEqualTo(log.length);
      assertThat(read.records()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "7, 255", "3, 65", "15, 0", "40, 65"})
    void whenStrayBytesFollow_thenTheyAreAnError(int count, int filler) throws IOException {
      LogBytes log = oneRecord();
      int end = log.length();

      Logs read = read(log.filled(count, filler).toArray());

      assertThat(read.records()).hasSize(2);
      assertThat(read.end()).isEqualTo(end);
      assertThat(read.error()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"8, 255, after the end mark", "16, 0, after padding with zeros"})
    void whenPaddingStops_thenWhatIsBehindItIsNotPassedOver(int count, int filler, String reason)
        throws IOException {
      LogBytes log = oneRecord().filled(count, filler);
      int end = log.length();

      assertBroken(read(log.record(7, 1, HashAlgorithm.SHA256, 1, "").toArray()), 2, end, reason);
    }

    @Test
    void whenTheLastRecordIsCut_thenEveryCutIsAnErrorAfterTheWholeRecords() throws IOException {
      byte[] log = oneRecord().toArray();
      int header = LogBytes.sha256().length();
      for (int length = header + 1; length < log.length; length++) {
        Logs read = read(Arrays.copyOf(log, length));
        assertThat(read.records()).as("cut at %d", length).hasSize(1);
        assertThat(read.error()).as("cut at %d", length).isNotNull();
      }
    }

    @Test
    void whenAskedAgainAfterAnError_thenItIsTheSameError() throws IOException {
      EventReader reader =
          Tcg2.reader(new ByteArrayInputStream(oneRecord().u16(7).toArray()), Limits.DEFAULT);
      reader.next();
      reader.next();

      MalformedLogException first = error(reader);

      assertThat(error(reader)).isSameAs(first);
    }

    private static MalformedLogException error(EventReader reader) {
      try {
        reader.next();
      } catch (IOException e) {
        return (MalformedLogException) e;
      }
      throw new AssertionError("no error");
    }
  }

  @Nested
  class GivenLimits {
    private static final Limits SMALL = new Limits(64, 2, 2);

    private static void assertRefused(LogBytes log, String reason) {
      EventReader reader = Tcg2.reader(new ByteArrayInputStream(log.toArray()), SMALL);
      assertThatThrownBy(() -> Logs.readAll(reader))
          .isInstanceOf(MalformedLogException.class)
          .hasMessageContaining(reason);
    }

    @Test
    void whenTheEventIsLarger_thenItIsRefusedByItsLength() {
      assertRefused(
          LogBytes.sha256().u32(7, 1, 0).u32(65).filled(65, 0), "event data says 65, at most 64");
    }

    @Test
    void whenThereAreMoreDigests_thenTheyAreRefusedByTheirNumber() {
      assertRefused(LogBytes.sha256().u32(7, 1, 3), "number of digests says 3, at most 2");
    }

    @Test
    void whenThereAreMoreRegisters_thenTheLastIsRefused() {
      assertRefused(
          LogBytes.sha256()
              .record(1, 1, HashAlgorithm.SHA256, 0, "")
              .record(2, 1, HashAlgorithm.SHA256, 0, ""),
          "more than 2 different registers");
    }
  }
}
