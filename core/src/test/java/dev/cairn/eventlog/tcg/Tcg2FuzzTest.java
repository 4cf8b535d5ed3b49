package dev.cairn.eventlog.tcg;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.cairn.testing.Logs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** In a build, it runs over its seeds only; {@code tests/fuzz} fuzzes. */
class Tcg2FuzzTest {
  static Stream<byte[]> logs() throws IOException {
    List<byte[]> logs = new ArrayList<>();
    for (int seed = 0; seed < 8; seed++) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Tcg2Options options = Tcg2Options.DEFAULT.withEndMark(seed % 2 == 0);
      Logs.write(Tcg2.writer(out, options), Tcg2Properties.records(seed));
      logs.add(out.toByteArray());
    }
    return logs.stream();
  }

  @MethodSource("logs")
  @FuzzTest
  void whenTcg2_thenRecordsOrOneReason(byte[] log) throws IOException {
    Tcg2Properties.READER.assertSafe(log);
  }
}
