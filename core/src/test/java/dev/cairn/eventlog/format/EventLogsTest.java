package dev.cairn.eventlog.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.eventlog.cel.CelOptions;
import dev.cairn.eventlog.cel.RegisterSpelling;
import dev.cairn.eventlog.tcg.SpecIdEvent;
import dev.cairn.eventlog.tcg.Tcg2Options;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Logs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventLogsTest {
  private static final String IMA_RECORD =
      "0a000000af918f5add81ecaf51331f878545907193d7b74406000000696d612d6e67"
          + "37000000280000007368613235363a00"
          + "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
          + "070000002f62696e2f7800";

  private static InputStream stream(byte[] log) {
    return new ByteArrayInputStream(log);
  }

  private static byte[] headerOnly(int index) {
    Bytes event = SpecIdEvent.of(List.of(HashAlgorithm.SHA256)).encode();
    return Logs.hex(
        "%02x00000003000000".formatted(index), "00".repeat(20), "21000000", event.toHex());
  }

  @Nested
  class GivenNoFormat {
    @Test
    void whenTheLogIsRecognised_thenItsReaderBeginsWithItsFirstByte() throws IOException {
      var reader = EventLogs.open(stream(headerOnly(0)));

      assertThat(reader.format()).isEqualTo(LogFormat.TCG2);
      assertThat(Logs.read(reader).end()).isEqualTo(headerOnly(0).length);
    }

    @Test
    void whenTheLogIsLongerThanWhatIsLookedAt_thenAllOfItIsRead() throws IOException {
      byte[] list = Logs.hex(IMA_RECORD.repeat(1000));

      assertThat(list.length).isGreaterThan(EventLogs.DETECTION_BYTES);
      assertThat(Logs.readAll(EventLogs.open(stream(list)))).hasSize(1000);
    }

    @Test
    void whenThereAreNoBytes_thenItIsACelTlvLogWithoutRecords() throws IOException {
      var reader = EventLogs.open(stream(new byte[0]));

      assertThat(reader.format()).isEqualTo(LogFormat.CEL_TLV);
      assertThat(reader.next()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bogus\ninvalid\nevent\nlog\n", "{}", "\u007fELF"})
    void whenNothingFits_thenTheErrorShowsTheBytesAndWhatWasTried(String text) {
      var refusal =
          catchThrowableOfType(
              UnsupportedLogFormatException.class,
              () -> EventLogs.open(stream(text.getBytes(UTF_8))));

      assertThat(refusal.format()).isEmpty();
      assertThat(refusal).hasMessageContaining("%02x".formatted((int) text.charAt(0)));
      for (LogFormat format : LogFormat.values()) {
        assertThat(refusal).hasMessageContaining(format.label());
      }
    }

    @Test
    void whenTheFormatIsNotReadYet_thenTheErrorNamesIt() {
      var refusal =
          catchThrowableOfType(
              UnsupportedLogFormatException.class,
              () -> EventLogs.open(stream("INIT sha384/00".getBytes(UTF_8))));

      assertThat(refusal.format()).contains(LogFormat.AAEL_TEXT);
      assertThat(refusal).hasMessageContaining("recognised as aael-text");
    }
  }

  @Nested
  class GivenWhatTheCallerKnows {
    @Test
    void whenTheFormatIsNamed_thenTheBytesAreNotAsked() throws IOException {
      var reader =
          EventLogs.open(stream(headerOnly(0)), ReadOptions.DEFAULT.withFormat(LogFormat.IMA));

      assertThatThrownBy(reader::next).isInstanceOf(MalformedLogException.class);
    }

    @Test
    void whenTheKindOfRegisterIsNamed_thenIndicesAreOfThatKind() throws IOException {
      ReadOptions options = ReadOptions.DEFAULT.withKind(RegisterId.Kind.CCMR);

      assertThat(Logs.readAll(EventLogs.open(stream(headerOnly(0)), options)))
          .extracting(EventRecord::register)
          .containsExactly(RegisterId.MRTD);
    }

    @Test
    void whenTheBankIsNamed_thenDigestsAreOfThatBank() throws IOException {
      String digest = "22".repeat(32);
      byte[] list = Logs.hex("0a000000", digest, "01000000", "6e", "00000000");
      ReadOptions options = ReadOptions.DEFAULT.withBank(HashAlgorithm.SM3_256);

      assertThat(Logs.readAll(EventLogs.open(stream(list), options)).get(0).digests().banks())
          .containsExactly(HashAlgorithm.SM3_256);
    }
  }

  @Nested
  class GivenAFormatToWrite {
    @ParameterizedTest
    @EnumSource
    void whenItIsWritable_thenThereIsAWriterElseTheErrorNamesIt(LogFormat format) {
      if (format.writable()) {
        assertThat(catchThrowableOfType(IOException.class, () -> writer(format))).isNull();
      } else {
        assertThatThrownBy(() -> writer(format)).hasMessageContaining(format.label());
      }
    }

    private void writer(LogFormat format) throws IOException {
      EventLogs.writer(format, new ByteArrayOutputStream()).close();
    }

    @Test
    void whenTcg2OptionsAreGiven_thenTheyAreUsed() throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Tcg2Options tcg2 = Tcg2Options.DEFAULT.withBanks(List.of(HashAlgorithm.SHA256));

      EventLogs.writer(LogFormat.TCG2, out, WriteOptions.DEFAULT.withTcg2(tcg2)).close();

      assertThat(out.toByteArray()).isEqualTo(headerOnly(0));
    }
  }

  @Nested
  class GivenACborArray {
    private static final EventRecord RECORD =
        new EventRecord(
            0,
            RegisterId.pcr(1),
            DigestSet.filled(List.of(HashAlgorithm.SHA256), 1),
            new PcClientEvent(13, Bytes.EMPTY));

    private static byte[] write(int records, WriteOptions options) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Logs.write(
          EventLogs.writer(LogFormat.CEL_CBOR, out, options), Collections.nCopies(records, RECORD));
      return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 23, 24, 255, 256, 70_000})
    void whenNobodyCounted_thenTheBytesAreThoseOfACountedArray(int records) throws IOException {
      assertThat(write(records, WriteOptions.DEFAULT))
          .isEqualTo(write(records, WriteOptions.DEFAULT.withRecords(records)));
    }

    @Test
    void whenTheVersionComesFirst_thenItIsCountedToo() throws IOException {
      CelOptions version = new CelOptions(RegisterSpelling.CCMR_KEY, true, List.of());

      byte[] log = write(3, WriteOptions.DEFAULT.withCel(version));

      assertThat(Logs.readAll(EventLogs.open(stream(log)))).hasSize(4);
    }

    @Test
    void whenARecordIsRefused_thenItIsNotCounted() throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      EventWriter writer = EventLogs.writer(LogFormat.CEL_CBOR, out);
      EventRecord bare = new EventRecord(0, RegisterId.pcr(1), DigestSet.EMPTY, RECORD.content());

      assertThatThrownBy(() -> writer.write(bare))
          .isInstanceOf(UnrepresentableRecordException.class);
      writer.write(RECORD);
      writer.close();

      assertThat(Logs.readAll(EventLogs.open(stream(out.toByteArray())))).containsExactly(RECORD);
    }
  }
}
