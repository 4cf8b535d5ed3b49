package dev.cairn.eventlog.cel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.testing.EventRecords;
import dev.cairn.testing.SeededTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;

class CelTlvProperties {
  @SeededTest
  void whenWrittenAndRead_thenTheRecordsAreTheSame(long seed) throws Exception {
    List<EventRecord> records = new EventRecords(seed, OpaqueContent.Encoding.TLV).list(50);
    byte[] log = write(records);

    assertThat(EventRecords.readAll(CelTlv.reader(new ByteArrayInputStream(log), Limits.DEFAULT)))
        .isEqualTo(records);
    assertThat(write(records)).isEqualTo(log);
  }

  @SeededTest
  void whenEncodedAndDecodedAlone_thenTheRecordIsTheSame(long seed) throws Exception {
    EventRecord record = new EventRecords(seed, OpaqueContent.Encoding.TLV).next();
    ByteBuffer buffer = ByteBuffer.allocate(CelTlv.encodedLength(record));
    CelTlv.encode(record, buffer);

    assertThat(buffer.hasRemaining()).isFalse();
    assertThat(CelTlv.decode(buffer.array(), 0, buffer.capacity(), Limits.DEFAULT))
        .isEqualTo(record);
  }

  private static byte[] write(List<EventRecord> records) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var writer = CelTlv.writer(out)) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }
    return out.toByteArray();
  }
}
