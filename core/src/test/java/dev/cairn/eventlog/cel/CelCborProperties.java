package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.OpaqueContent.Encoding;
import dev.cairn.measure.Bytes;
import dev.cairn.testing.EventRecords;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.LogCodec;
import dev.cairn.testing.SeededTest;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CelCborProperties {
  private static final int SIZE = 1 << 16;

  private final LogCodec array =
      new LogCodec(in -> CelCbor.reader(in, Limits.DEFAULT), CborArray::new);
  private final LogCodec sequence = LogCodec.of(CelCborSeq::reader, CelCborSeq::writer);

  @SeededTest
  void whenWrittenAndRead_thenTheRecordsAreTheSame(long seed) throws Exception {
    array.assertRoundTrip(new EventRecords(seed, Encoding.CBOR).list(30));
    sequence.assertRoundTrip(new EventRecords(seed, Encoding.CBOR).list(30));
  }

  @SeededTest
  void whenALogIsDamaged_thenRecordsOrOneReason(long seed) throws Exception {
    assertDamageIsSafe(array, seed);
    assertDamageIsSafe(sequence, seed);
  }

  private static void assertDamageIsSafe(LogCodec codec, long seed) throws IOException {
    byte[] log = codec.write(new EventRecords(seed, Encoding.CBOR).list(5));
    codec.assertSafe(Hostile.mutate(log, seed));
    codec.assertSafe(Hostile.noise(500, seed));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "81", // arrays in arrays
        "a1", // maps in maps
        "c1", // tags on tags
        "9bffffffffffffffff", // arrays of 2^64
        "5a7fffffff", // a string of 2 GiB
        "5f41", // indefinite
        "a500000100" + "0381a200111101" + "40" + "0918640a00", // many small records
        "a5000001000381a20011110140091864" + "0a9b00000001ffffffff", // one with 2^33 items
        "00",
        "ff",
      })
  void whenAHostileLogHas64KiB_thenReadingItIsCheap(String unit) throws Exception {
    byte[] log = Hostile.repeat(Bytes.fromHex(unit).toArray(), SIZE);
    byte[] inArray = new byte[SIZE + 9];
    byte[] head = Bytes.fromHex("9b7fffffffffffffff").toArray();
    System.arraycopy(head, 0, inArray, 0, head.length);
    System.arraycopy(log, 0, inArray, head.length, SIZE);

    sequence.assertCheap(log);
    array.assertCheap(inArray);
  }
}
