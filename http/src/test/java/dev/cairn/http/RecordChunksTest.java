package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.cel.CelTlv;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.LogSnapshot;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordChunksTest {
  private static final int RECORDS = 30; // of pcr1 and pcr2 in turn

  private static List<EventRecord> records() {
    List<EventRecord> records = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      records.add(
          new EventRecord(
              i / 2,
              RegisterId.pcr(1 + i % 2),
              DigestSet.filled(List.of(HashAlgorithm.SHA256), i),
              new PcClientEvent(13, Bytes.EMPTY)));
    }
    return records;
  }

  /** The store opens cursors on files; here they read the same bytes from memory. */
  private static LogSnapshot snapshot() throws IOException {
    LogSnapshot snapshot = mock(LogSnapshot.class);
    when(snapshot.endPosition()).thenReturn((long) RECORDS);
    when(snapshot.read(anyLong()))
        .thenAnswer(
            call -> reader(records().subList(call.<Long>getArgument(0).intValue(), RECORDS)));
    return snapshot;
  }

  private static EventReader reader(List<EventRecord> records) throws IOException {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    try (EventWriter writer = CelTlv.writer(log)) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }
    return CelTlv.reader(new ByteArrayInputStream(log.toByteArray()), Limits.DEFAULT);
  }

  private static List<EventRecord> served(LogQuery query) throws IOException {
    Buffer all = Buffer.buffer();
    try (RecordChunks chunks = RecordChunks.open(query, snapshot())) {
      for (Buffer piece = chunks.next(); piece != null; piece = chunks.next()) {
        all.appendBuffer(piece);
      }
    }
    EventReader reader =
        EventLogs.open(
            new ByteArrayInputStream(all.getBytes()),
            ReadOptions.DEFAULT.withFormat(query.format()));
    List<EventRecord> records = new ArrayList<>();
    for (EventRecord record = reader.next(); record != null; record = reader.next()) {
      records.add(record);
    }
    return records;
  }

  @ParameterizedTest
  @CsvSource({
    "cel-cbor, , 0, 9223372036854775807, 30",
    "cel-cbor, , 25, 100, 5",
    "cel-cbor, , 30, 100, 0",
    "cel-cbor, pcr2, 0, 9223372036854775807, 15",
    "cel-cbor, pcr2, 10, 3, 3",
    "cel-cbor, pcr7, 0, 100, 0",
    "cel-cbor-seq, pcr2, 10, 100, 5",
    "cel-json, , 29, 100, 1",
  })
  void whenAPartIsWanted_thenExactlyThatPartIsServed(
      String format, String register, long from, long limit, int count) throws IOException {
    LogQuery query =
        new LogQuery(
            LogMediaTypes.ofLabel(format).orElseThrow(),
            Optional.ofNullable(register).flatMap(RegisterId::parse),
            from,
            OptionalLong.empty(),
            limit);

    assertThat(query.format()).isEqualTo(LogFormat.ofLabel(format).orElseThrow());
    assertThat(served(query))
        .hasSize(count)
        .isEqualTo(
            records().stream()
                .filter(r -> register == null || r.register().name().equals(register))
                .skip(from)
                .limit(limit)
                .toList());
  }
}
