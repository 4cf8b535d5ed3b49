package dev.cairn.eventlog.format;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.cairn.testing.Logs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** In a build, it runs over its seeds only; {@code tests/fuzz} fuzzes. */
class EventLogsFuzzTest {
  static Stream<byte[]> logs() {
    return EventLogsProperties.beginnings().map(Logs::hex);
  }

  @MethodSource("logs")
  @FuzzTest
  void whenAnything_thenRecordsOrOneReason(byte[] log) throws IOException {
    try {
      Logs.read(EventLogs.open(new ByteArrayInputStream(log)));
    } catch (UnsupportedLogFormatException e) {
      return; // refused by name, or as unknown
    }
  }
}
