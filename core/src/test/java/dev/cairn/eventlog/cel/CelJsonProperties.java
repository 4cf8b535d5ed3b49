package dev.cairn.eventlog.cel;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.eventlog.OpaqueContent.Encoding;
import dev.cairn.testing.EventRecords;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.LogCodec;
import dev.cairn.testing.SeededTest;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CelJsonProperties {
  private static final int SIZE = 1 << 16;

  private final LogCodec array = LogCodec.of(CelJson::reader, CelJson::writer);
  private final LogCodec sequence = LogCodec.of(CelJsonSeq::reader, CelJsonSeq::writer);

  @SeededTest
  void whenWrittenAndRead_thenTheRecordsAreTheSame(long seed) throws Exception {
    array.assertRoundTrip(new EventRecords(seed, Encoding.JSON).list(20));
    sequence.assertRoundTrip(new EventRecords(seed, Encoding.JSON).list(20));
  }

  @SeededTest
  void whenALogIsDamaged_thenRecordsOrOneReason(long seed) throws Exception {
    assertDamageIsSafe(array, seed);
    assertDamageIsSafe(sequence, seed);
  }

  private static void assertDamageIsSafe(LogCodec codec, long seed) throws IOException {
    codec.assertSafe(
        Hostile.mutate(codec.write(new EventRecords(seed, Encoding.JSON).list(4)), seed));
    codec.assertSafe(Hostile.noise(200, seed));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[",
        "{\"content\":",
        "{\"recnum\":{\"recnum\":",
        "[{\"content\":[",
        "\"",
        "9",
        "{\"content\":{\"a\":1,\"b\":",
        "\u001e",
        "\u001e\n",
        " ",
      })
  void whenAHostileLogHas64KiB_thenReadingItIsCheap(String unit) throws Exception {
    byte[] log = Hostile.repeat(unit.getBytes(UTF_8), SIZE);

    array.assertCheap(log);
    log[0] = CelJsonSeq.RECORD_SEPARATOR;
    sequence.assertCheap(log);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"recnum\":0,\"pcr\":0,\"digests\":[],\"content_type\":\"x\",\"content\":0},", // many
        // small
        "{\"content\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,", // one large
        "{\"content\":{\"content\":{\"content\":{\"content\":{\"content\":{\"content\":", // deep
        "{\"digests\":[{\"hashAlg\":\"0x1111\",\"digest\":\"\"},{\"hashAlg\":\"0x1112\",\"digest\":\"\"},",
      })
  void whenAHostileArrayHas64KiB_thenReadingItIsCheap(String unit) throws Exception {
    array.assertCheap(("[" + unit.repeat(SIZE / unit.length())).getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"content\":\"%s\"",
        "\"content\":%s",
        "\"%s\":0",
        "\"recnum\":%s",
        "\"pcr\":0.%s"
      })
  void whenAValueHas64KiB_thenReadingItIsCheap(String member) throws Exception {
    array.assertCheap(("[{" + member.formatted("1".repeat(SIZE)) + "}]").getBytes(UTF_8));
  }

  @org.junit.jupiter.api.Test
  void whenAnObjectHasTenThousandKeys_thenReadingItIsCheap() throws Exception {
    StringBuilder json = new StringBuilder("[{\"content\":{");
    for (int i = 0; i < 8_000; i++) {
      json.append('"').append(Integer.toString(i, 36)).append("\":0,");
    }
    array.assertCheap(json.toString().getBytes(UTF_8));
  }
}
