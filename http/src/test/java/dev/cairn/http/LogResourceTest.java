package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.LogSnapshot;
import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A log over several segments, records of two registers in turn. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LogResourceTest {
  private static final int RECORDS = 12;
  private RunningServer server;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    server = RunningServer.in(directory).segments(300).start();
    for (int i = 0; i < RECORDS / 2; i++) {
      server.extend("rtmr2", 1);
      server.extend("rtmr3", 1);
    }
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private static List<EventRecord> records(LogFormat format, byte[] log) throws Exception {
    List<EventRecord> records = new ArrayList<>();
    try (EventReader reader =
        EventLogs.open(new ByteArrayInputStream(log), ReadOptions.DEFAULT.withFormat(format))) {
      EventRecord record;
      while ((record = reader.next()) != null) {
        records.add(record);
      }
    }
    return records;
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("none");
  }

  private List<EventRecord> whole() throws Exception {
    return records(LogFormat.CEL_TLV, server.getBytes("/v1/log").body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cel-json", "cel-json-seq", "cel-cbor", "cel-cbor-seq"})
  void everyEncodingHasTheSameRecords(String format) throws Exception {
    byte[] log = server.getBytes("/v1/log?format=" + format).body();

    assertThat(records(LogFormat.ofLabel(format).orElseThrow(), log)).isEqualTo(whole());
  }

  @Test
  void theWholeLogReplaysToTheRegister() throws Exception {
    Hasher hasher = new Hasher();
    var status = server.log.registers().get();
    for (var register : status) {
      DigestSet value = register.descriptor().resetValue();
      for (EventRecord record : whole()) {
        if (record.register().equals(register.descriptor().id())) {
          value = hasher.extend(value, record.digests());
        }
      }
      assertThat(register.value()).contains(value);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 12, 12", "3, 12, 9", "3, 4, 4", "11, 5, 1", "12, 1, 0"})
  void aPartBeginsAndEndsWhereItIsAskedTo(int from, int limit, int count) throws Exception {
    HttpResponse<byte[]> response = server.getBytes("/v1/log?from=" + from + "&limit=" + limit);

    assertThat(records(LogFormat.CEL_TLV, response.body()))
        .isEqualTo(whole().subList(from, from + count));
    assertThat(header(response, "cairn-first-position")).isEqualTo("" + from);
    assertThat(header(response, "cairn-end-position")).isEqualTo("" + (from + count));
  }

  @Test
  void aVerifierGoesOnFromTheValueBefore() throws Exception {
    HttpResponse<byte[]> response = server.getBytes("/v1/log?register=rtmr3&from=2");
    DigestSet before = DigestSet.EMPTY;
    try (LogSnapshot snapshot = server.log.snapshot()) {
      before = snapshot.valuesBefore(5).getOrDefault(RegisterId.rtmr(3), before);
    }

    assertThat(header(response, "cairn-first-position")).isEqualTo("5");
    assertThat(header(response, "cairn-value-before"))
        .isEqualTo("rtmr3;sha384=\"" + before.at(0).value().toHex() + "\"");
    assertThat(records(LogFormat.CEL_TLV, response.body()))
        .extracting(EventRecord::recnum)
        .containsExactly(2L, 3L, 4L, 5L);
  }

  @ParameterizedTest
  @CsvSource({"0-0", "10-700", "100-", "-1", "-650", "0-99999"})
  void aRangeIsThatPartOfTheWholeAlsoOverSeveralFiles(String range) throws Exception {
    byte[] whole = server.getBytes("/v1/log").body();
    HttpResponse<byte[]> part = server.getBytes("/v1/log", "range", "bytes=" + range);
    String[] bounds = header(part, "content-range").split("[ /-]", -1);
    int first = Integer.parseInt(bounds[1]);
    int last = Integer.parseInt(bounds[2]);

    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(whole, first, last + 1));
    assertThat(header(part, "content-length")).isEqualTo("" + part.body().length);
  }

  @Test
  void theTagChangesWithTheLogAndNotWithoutIt(@TempDir Path directory) throws Exception {
    try (RunningServer growing = RunningServer.in(directory).start()) {
      growing.extend("rtmr2", 2);
      String tag = header(growing.getBytes("/v1/log"), "etag");
      String part = header(growing.getBytes("/v1/log?limit=1"), "etag");
      assertThat(growing.getBytes("/v1/log", "if-none-match", tag).statusCode()).isEqualTo(304);
      growing.extend("rtmr2", 1);

      assertThat(growing.getBytes("/v1/log", "if-none-match", tag).statusCode()).isEqualTo(200);
      assertThat(growing.getBytes("/v1/log?limit=1", "if-none-match", part).statusCode())
          .isEqualTo(304);
    }
  }

  @Test
  void whenUntilIsGiven_thenItIsTheLogThatEndedThere() throws Exception {
    byte[] whole = server.getBytes("/v1/log").body();
    HttpResponse<byte[]> part = server.getBytes("/v1/log?until=5");

    assertThat(part.headers().firstValue("cairn-end-position")).contains("5");
    assertThat(part.body()).isEqualTo(Arrays.copyOf(whole, part.body().length));
    assertThat(records(LogFormat.CEL_TLV, part.body())).hasSize(5);
    byte[] one = server.getBytes("/v1/log?until=5&register=rtmr3&format=cel-json").body();
    assertThat(records(LogFormat.CEL_JSON, one)).hasSize(2);
    assertThat(server.getBytes("/v1/log?until=0").body()).isEmpty();
  }

  @Test
  void whenUntilIsTheSame_thenTheTagStaysAlthoughTheLogGrows(@TempDir Path place) throws Exception {
    try (RunningServer growing = RunningServer.in(place).start()) {
      growing.extend("rtmr2", 2);
      String tag = growing.getBytes("/v1/log?until=1").headers().firstValue("etag").orElseThrow();
      growing.extend("rtmr2", 1);

      assertThat(growing.getBytes("/v1/log?until=1", "if-none-match", tag).statusCode())
          .isEqualTo(304);
    }
  }
}
