package dev.cairn.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplesTest {
  @ParameterizedTest
  @CsvSource({"0, 1", "0.5, 51", "0.99, 100", "1, 101"})
  void whenQuantilesAreAsked_thenTheyAreThoseOfTheSortedSamples(double quantile, double micros) {
    Samples samples = new Samples();
    for (int i = 101; i > 0; i--) {
      samples.add(i * 1000L);
    }

    assertThat(samples.micros(quantile)).isEqualTo(micros);
  }

  @Test
  void whenThereAreMoreThanFitAtFirst_thenNoneIsLost() {
    Samples samples = new Samples();
    for (int i = 0; i < 10_000; i++) {
      samples.add(i * 1000L);
    }

    assertThat(samples.micros(1)).isEqualTo(9999);
  }

  @Test
  void whenThereIsNone_thenThereIsNoQuantile() {
    assertThat(new Samples().micros(0.5)).isNaN();
  }

  @Test
  void whenValuesAreEven_thenTheMedianIsBetween() {
    assertThat(Samples.median(4, 1, 3, 2)).isEqualTo(2.5);
    assertThat(Samples.median(9, 1, 5)).isEqualTo(5);
  }
}
