package dev.cairn.eventlog.systemd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Logs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SystemdLogTest {
  private static final String READY =
      "{\"pcr\":11,\"digests\":[{\"hashAlg\":\"sha1\",\"digest\":\"%s\"}],"
              .formatted("11".repeat(20))
          + "\"content_type\":\"systemd\",\"content\":{\"string\":\"ready\",\"timestamp\":1}}";

  private static Logs read(String log) throws IOException {
    var in = new ByteArrayInputStream(log.getBytes(UTF_8));
    return Logs.read(SystemdLog.reader(in, Limits.DEFAULT));
  }

  private static EventRecord one(String json) throws IOException {
    Logs logs = read("\u001e" + json + "\n");
    assertThat(logs.error()).isNull();
    assertThat(logs.records()).hasSize(1);
    return logs.records().get(0);
  }

  private static SystemdEvent text(String text) {
    return new SystemdEvent(Bytes.copyOf(text.getBytes(UTF_8)));
  }

  @Nested
  class GivenRecordsInARow {
    @Test
    void whenTheyAreOfSeveralRegisters_thenEachIsNumberedOnItsOwn() throws IOException {
      String pcr12 = READY.replace("11,", "12,");
      Logs log = read("\u001e%s\n\u001e%s\n\u001e%s\n".formatted(READY, pcr12, READY));

      assertThat(log.records()).extracting(EventRecord::recnum).containsExactly(0L, 0L, 1L);
      assertThat(log.error()).isNull();
    }

    @Test
    void whenTheLastIsBeingWritten_thenTheOthersAreReadAndTheDamageIsNamed() throws IOException {
      String half = READY.substring(0, 60);
      Logs log = read("\u001e%s\n\u001e%s".formatted(READY, half));

      assertThat(log.records()).hasSize(1);
      assertThat(log.end()).isEqualTo(READY.length() + 2);
      assertThat(log.error()).hasMessageContaining("is being written, or was cut");
    }

    @Test
    void whenTheLastLacksNothingButItsLineFeed_thenItIsNotReadYet() throws IOException {
      assertThat(read("\u001e" + READY).records()).isEmpty();
    }

    @Test
    void whenSomethingElseStandsBetween_thenThatIsDamage() throws IOException {
      assertThat(read("\u001e" + READY + "\n{}\n").error()).hasMessageContaining("may follow");
    }

    @Test
    void whenThereAreNoSeparators_thenLinesAreRecords() throws IOException {
      Logs log = read("%s\n\n%s\n".formatted(READY, READY));

      assertThat(log.records()).hasSize(2);
      assertThat(log.error()).isNull();
    }
  }

  @Nested
  class GivenARecord {
    @ParameterizedTest
    @CsvSource({
      "'\"pcr\":108', pcr108",
      "'\"nv_index\":30474752', nv0x01d10200",
      "'\"rtmr\":2,\"mapped_pcr\":11', rtmr2",
      "'\"recnum\":7,\"later\":{\"a\":[1]},\"pcr\":11', pcr11"
    })
    void whenItNamesARegister_thenItIsThat(String key, String register) throws IOException {
      assertThat(one(READY.replace("\"pcr\":11", key)).register())
          .isEqualTo(RegisterId.parse(register).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "{}",
          "[]",
          "1",
          "{\"pcr\":1}",
          "{\"digests\":[]}",
          "{\"pcr\":-1,\"digests\":[]}",
          "{\"pcr\":1.5,\"digests\":[]}",
          "{\"pcr\":4294967296,\"digests\":[]}",
          "{\"rtmr\":4,\"digests\":[]}",
          "{\"pcr\":1,\"rtmr\":1,\"digests\":[]}",
          "{\"pcr\":1,\"pcr\":1,\"digests\":[]}",
          "{\"pcr\":1,\"digests\":[1]}",
          "{\"pcr\":1,\"digests\":[{\"hashAlg\":\"sha1\"}]}",
          "{\"pcr\":1,\"digests\":[{\"hashAlg\":\"sha1\",\"digest\":\"00\"}]}",
          "{\"pcr\":1,\"digests\":[{\"hashAlg\":\"sha1\",\"digest\":\"0\"}]}",
          "{\"pcr\":1,\"digests\":[{\"hashAlg\":true,\"digest\":\"00\"}]}",
          "{\"pcr\":1,\"digests\":[],\"content_type\":9}",
          "{\"pcr\":1,\"digests\":[],\"content_type\":\"pcclient_std\",\"content\":{}}",
          "{\"pcr\":1,\"digests\":[],\"content\":{\"string\":\"\\ud800\"}}",
          "{\"pcr\":1,\"digests\":[]} {}",
        })
    void whenItIsNoRecord_thenTheReasonHasItsOffset(String json) throws IOException {
      Logs log = read("\u001e" + READY + "\n\u001e" + json + "\n");

      assertThat(log.records()).hasSize(1);
      assertThat(log.error()).isNotNull();
      assertThat(log.error().offset()).isGreaterThan(READY.length());
    }

    @Test
    void whenAlgorithmsAreSpeltOtherwise_thenTheyAreTheSame() throws IOException {
      String digest = "\"digest\":\"" + "AB".repeat(32) + "\"";
      for (String name : List.of("\"SHA256\"", "\"sha256\"", "\"0x000B\"", "11")) {
        String json = "{\"pcr\":1,\"digests\":[{\"hashAlg\":%s,%s}]}".formatted(name, digest);
        assertThat(one(json).digests().banks()).containsExactly(HashAlgorithm.SHA256);
      }
    }

    @Test
    void whenAnAlgorithmHasNoTpmNumber_thenItsDigestIsLeftOut() throws IOException {
      EventRecord record =
          one(
              "{\"pcr\":1,\"digests\":[{\"hashAlg\":\"later\",\"digest\":\"00\"},{\"hashAlg\":99,\"digest\":\"0102\"}]}");

      assertThat(record.digests().isEmpty()).isTrue();
      assertThat(record.unknownDigests()).hasSize(1);
    }
  }

  @Nested
  class GivenAContent {
    private EventRecord with(String members) throws IOException {
      return one("{\"pcr\":1,\"digests\":[]," + members + "}");
    }

    @Test
    void whenItHasAString_thenThatWasMeasured() throws IOException {
      assertThat(
              with("\"content\":{\"string\":\"r\\u00e9ady\"},\"content_type\":\"systemd\"")
                  .content())
          .isEqualTo(text("r\u00e9ady"));
    }

    @Test
    void whenItHasNone_thenItIsKeptAsItIs() throws IOException {
      assertThat(with("\"content_type\":\"systemd\",\"content\":{ \"bootId\" : \"00\" }").content())
          .isEqualTo(
              new OpaqueContent(
                  "systemd",
                  OpaqueContent.Encoding.JSON,
                  Bytes.copyOf("{\"bootId\":\"00\"}".getBytes(UTF_8))));
    }

    @Test
    void whenItIsHexadecimal_thenItIsThatOfCel() throws IOException {
      assertThat(with("\"content_type\":\"systemd\",\"content\":\"7265616479\"").content())
          .isEqualTo(text("ready"));
    }

    @Test
    void whenItIsAnothers_thenItIsThatOfCel() throws IOException {
      assertThat(with("\"content_type\":\"cel\",\"content\":{\"type\":\"firmware_end\"}").content())
          .isEqualTo(new Management.FirmwareEnd());
      assertThat(
              with("\"content_type\":\"pcclient_std\",\"content\":{\"event_type\":\"EV_IPL\",\"event_data\":\"00\"}")
                  .content())
          .isEqualTo(new PcClientEvent(13, Bytes.filled(1, 0)));
      assertThat(with("\"content_type\":\"cos\",\"content\":1").content())
          .isInstanceOf(OpaqueContent.class);
    }

    @Test
    void whenThereIsNone_thenTheRecordCountsAllTheSame() throws IOException {
      assertThat(with("\"later\":0").content().measured()).isTrue();
    }
  }

  @Nested
  class GivenAFile {
    @TempDir Path directory;

    @Test
    void whenTheStickyBitIsSet_thenItIsIncomplete() throws IOException {
      Path log = Files.createFile(directory.resolve("log"));
      assertThat(SystemdLog.incomplete(log)).isEmpty();

      Files.setAttribute(log, "unix:mode", 0_1600); // S_ISVTX, rw-------

      assertThat(SystemdLog.incomplete(log).orElseThrow()).contains("incomplete");
    }

    @Test
    void whenThereIsNone_thenItLacksNothing() {
      assertThat(SystemdLog.incomplete(directory.resolve("none"))).isEmpty();
    }
  }
}
