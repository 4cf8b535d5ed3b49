package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteRangeTest {
  private static final long LENGTH = 100;

  @ParameterizedTest
  @CsvSource({
    "bytes=0-9, bytes 0-9/100",
    "bytes=0-, bytes 0-99/100",
    "bytes=99-, bytes 99-99/100",
    "bytes=50-999999, bytes 50-99/100",
    "bytes=-1, bytes 99-99/100",
    "bytes=-100, bytes 0-99/100",
    "bytes=-1000, bytes 0-99/100",
  })
  void aRangeIsCutToTheAnswer(String header, String contentRange) {
    assertThat(ByteRange.of(header, LENGTH).range().orElseThrow().contentRange(LENGTH))
        .isEqualTo(contentRange);
  }

  @ParameterizedTest
  @CsvSource({"bytes=100-", "bytes=100-200", "bytes=-0"})
  void aRangeBehindTheEndIsUnsatisfiable(String header) {
    assertThat(ByteRange.of(header, LENGTH).unsatisfiable()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes=0-1,5-6",
        "bytes=",
        "bytes=-",
        "bytes=9-8",
        "bytes=a-b",
        "bytes=1",
        "items=0-1",
        "bytes=--1",
        "bytes=9999999999999999999-",
      })
  void whatIsNoSingleRangeIsIgnored(String header) {
    assertThat(ByteRange.of(header, LENGTH).range()).isEmpty();
    assertThat(ByteRange.of(header, LENGTH).unsatisfiable()).isFalse();
  }
}
