package dev.cairn.eventlog.ima;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.LogCodec;
import dev.cairn.testing.SeededTest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImaProperties {
  static final LogCodec CODEC = LogCodec.of(ImaBinary::reader, null);
  private static final int SIZE = 1 << 16;
  private static final HashAlgorithm[] BANKS = HashAlgorithm.values();

  static List<EventRecord> list(long seed, int records) {
    return new ImaLists(seed, BANKS[(int) (seed % BANKS.length)]).list(records);
  }

  @SeededTest
  void whenAListIsRead_thenItsRecordsAndItsBankAreFound(long seed) throws IOException {
    List<EventRecord> records = list(seed, 1 + (int) seed);

    assertThat(CODEC.read(ImaLists.encode(records))).isEqualTo(records);
  }

  @SeededTest
  void whenAListIsDamaged_thenRecordsOrOneReason(long seed) throws IOException {
    CODEC.assertSafe(Hostile.mutate(ImaLists.encode(list(seed, 5)), seed));
    CODEC.assertSafe(Hostile.noise(1000, seed));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00",
        "ff",
        "01",
        "0a00000000000000000000000000000000000000000000000100000061" + "00000000",
        "0a00000000000000000000000000000000000000000000000100000061" + "00001000",
        "0a000000110000000000000000000000000000000000000003000000696d61"
            + "000000000000000000000000000000000000000000000000",
        "010000000000000000000100000000000100000000000000",
      })
  void whenAHostileListHas64KiB_thenReadingItIsCheap(String unit) throws IOException {
    CODEC.assertCheap(Hostile.repeat(Bytes.fromHex(unit).toArray(), SIZE));
  }
}
