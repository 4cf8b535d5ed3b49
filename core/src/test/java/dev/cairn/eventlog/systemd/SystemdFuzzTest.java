package dev.cairn.eventlog.systemd;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** In a build, it runs over its seeds only; {@code tests/fuzz} fuzzes. */
class SystemdFuzzTest {
  static Stream<byte[]> logs() {
    return IntStream.range(0, 8).mapToObj(seed -> SystemdLogs.encode(SystemdLogs.list(seed, seed)));
  }

  @MethodSource("logs")
  @FuzzTest
  void whenSystemd_thenRecordsOrOneReason(byte[] log) throws IOException {
    SystemdProperties.CODEC.assertSafe(log);
  }
}
