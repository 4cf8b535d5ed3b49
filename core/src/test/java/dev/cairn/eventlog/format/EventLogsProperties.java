package dev.cairn.eventlog.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.measure.Bytes;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.Logs;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventLogsProperties {
  /** Beginnings of logs of every format, in hexadecimal digits. */
  static Stream<String> beginnings() {
    return Stream.concat(
        Stream.of(
            "00",
            "ff",
            "0000000000010000000003",
            "0000000003000000" + "00".repeat(20) + "2100000053706563204944204576656e743033000000",
            "07000000040000009069ca78e7450a285173431b3e52c5c25299e4730400000000000000",
            "0a000000af918f5add81ecaf51331f878545907193d7b74406000000696d612d6e6700000000",
            "81a5000001100381",
            "9b7fffffffffffffff",
            "a500000110"),
        Stream.of(
                "[",
                "[[",
                "[{\"recnum\":0},",
                "{\"a\":",
                "[\"\\u0000\",",
                "\u001e{\"recnum\":0}\n",
                "INIT sha384/00",
                "10 1111111111111111111111111111111111111111 ima-ng ",
                " \n")
            .map(text -> Bytes.copyOf(text.getBytes(UTF_8)).toHex()));
  }

  @ParameterizedTest
  @MethodSource("beginnings")
  void whenAHostileLogHas64KiB_thenRecognisingItIsCheap(String unit) throws IOException {
    byte[] log = Hostile.repeat(Logs.hex(unit), EventLogs.DETECTION_BYTES);
    Bytes head = Bytes.copyOf(log);

    assertThat(Hostile.cpuMs(() -> EventLogs.detect(head))).isLessThanOrEqualTo(50);
    assertThat(Hostile.allocatedBytes(() -> EventLogs.detect(head)))
        .isLessThanOrEqualTo(64L * log.length);
  }
}
