package dev.cairn.backend.tdx.quote;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import dev.cairn.testing.Hostile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports that are none, or that were put together from two. */
class TdReportTest {
  private static Bytes report(int flippedAt) {
    byte[] report = RealQuotes.file("tdx/tdx_report_1.bin").toArray();
    report[flippedAt] ^= 1;
    return Bytes.owning(report);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1023, 1025})
  void givenAnotherLength_whenParsed_thenItIsRefused(int length) {
    assertThatThrownBy(() -> TdReport.parse(Bytes.owning(Hostile.noise(length, 1))))
        .isInstanceOf(MalformedEvidenceException.class)
        .hasMessage("tdreport: %d bytes, needs 1024".formatted(length));
  }

  @ParameterizedTest
  @CsvSource({
    "0, offset 0: type 0x80",
    "1, offset 0: type 0x81, subtype 1",
    "33, offset 32: not the SHA-384 of its TEE_TCB_INFO at 256",
    "260, offset 32: not the SHA-384 of its TEE_TCB_INFO at 256",
    "80, offset 80: not the SHA-384 of its TDINFO at 512",
    "720, offset 80: not the SHA-384 of its TDINFO at 512",
    "1023, offset 80: not the SHA-384 of its TDINFO at 512"
  })
  void givenOneBitFlipped_whenParsed_thenItIsRefused(int at, String reason) {
    assertThatThrownBy(() -> TdReport.parse(report(at)))
        .isInstanceOf(MalformedEvidenceException.class)
        .hasMessageContaining(reason);
  }
}
