package dev.cairn.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The logs of real guests against the PCR values that were read at the same moment. */
class BootVerificationTest {
  @ParameterizedTest
  @MethodSource("dev.cairn.replay.Boot#all")
  void whenComparedWithThePcrs_thenEveryExplainedOneMatchesInEveryBank(Boot boot)
      throws IOException {
    VerificationReport report = boot.verify(boot.logs(), boot.explainedPcrs());

    assertThat(report.comparisons()).allMatch(RegisterComparison::passes);
    assertThat(report.ok()).isTrue();
    assertThat(report.divergences()).isEmpty();
  }
}
