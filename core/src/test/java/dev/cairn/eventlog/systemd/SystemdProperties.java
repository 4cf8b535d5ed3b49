package dev.cairn.eventlog.systemd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.LogCodec;
import dev.cairn.testing.SeededTest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SystemdProperties {
  static final LogCodec CODEC = LogCodec.of(SystemdLog::reader, null);
  private static final int SIZE = 1 << 16;

  @SeededTest
  void whenALogIsRead_thenItsRecordsAreFound(long seed) throws IOException {
    List<EventRecord> records = SystemdLogs.list(seed, (int) seed);

    assertThat(CODEC.read(SystemdLogs.encode(records))).isEqualTo(records);
  }

  @SeededTest
  void whenALogIsDamaged_thenRecordsOrOneReason(long seed) throws IOException {
    CODEC.assertSafe(Hostile.mutate(SystemdLogs.encode(SystemdLogs.list(seed, 5)), seed));
    CODEC.assertSafe(Hostile.noise(1000, seed));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u001e",
        "\n",
        "{",
        "\u001e{}\n",
        "\u001e[[[[",
        "\u001e{\"pcr\":1,\"digests\":[]}\n",
        "{\"pcr\":1,\"digests\":[]}\n",
        "{\"content\":{\"string\":",
        "{\"pcr\":99999999999999999999999,\"digests\":[{\"hashAlg\":\"",
      })
  void whenAHostileLogHas64KiB_thenReadingItIsCheap(String unit) throws IOException {
    CODEC.assertCheap(Hostile.repeat(unit.getBytes(UTF_8), SIZE));
  }
}
