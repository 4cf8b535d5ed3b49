package dev.cairn.eventlog.ima;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** In a build, it runs over its seeds only; {@code tests/fuzz} fuzzes. */
class ImaFuzzTest {
  static Stream<byte[]> lists() {
    return IntStream.range(0, 8).mapToObj(seed -> ImaLists.encode(ImaProperties.list(seed, 5)));
  }

  @MethodSource("lists")
  @FuzzTest
  void whenIma_thenRecordsOrOneReason(byte[] list) throws IOException {
    ImaProperties.CODEC.assertSafe(list);
  }
}
