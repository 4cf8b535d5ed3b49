package dev.cairn.eventlog.cel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.OpaqueContent.Encoding;
import dev.cairn.measure.Bytes;
import dev.cairn.testing.EventRecords;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.LogCodec;
import dev.cairn.testing.SeededTest;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CelTlvProperties {
  private static final int SIZE = 1 << 16;

  private final LogCodec codec = LogCodec.of(CelTlv::reader, CelTlv::writer);

  @SeededTest
  void whenWrittenAndRead_thenTheRecordsAreTheSame(long seed) throws Exception {
    codec.assertRoundTrip(new EventRecords(seed, Encoding.TLV).list(50));
  }

  @SeededTest
  void whenEncodedAndDecodedAlone_thenTheRecordIsTheSame(long seed) throws Exception {
    EventRecord record = new EventRecords(seed, Encoding.TLV).next();
    ByteBuffer buffer = ByteBuffer.allocate(CelTlv.encodedLength(record));
    CelTlv.encode(record, buffer);

    assertThat(buffer.hasRemaining()).isFalse();
    assertThat(CelTlv.decode(buffer.array(), 0, buffer.capacity(), Limits.DEFAULT))
        .isEqualTo(record);
  }

  @SeededTest
  void whenALogIsDamaged_thenRecordsOrOneReason(long seed) throws Exception {
    byte[] log = codec.write(new EventRecords(seed, Encoding.TLV).list(5));

    codec.assertSafe(Hostile.mutate(log, seed));
    codec.assertSafe(Hostile.noise(1000, seed));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00", // the smallest TLVs: a record of 20 bytes without any value
        "0000000000" + "0100000000" + "0300000000" + "0400000000",
        "0000000000" + "0100000000" + "0300000050" + "ff00000000",
        "0000000000" + "0100000000" + "0300000000" + "0500100000",
        "ff",
      })
  void whenAHostileLogHas64KiB_thenReadingItIsCheap(String unit) throws Exception {
    codec.assertCheap(Hostile.repeat(Bytes.fromHex(unit).toArray(), SIZE));
  }
}
