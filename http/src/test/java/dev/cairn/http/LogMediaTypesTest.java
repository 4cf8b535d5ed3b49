package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.LogFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogMediaTypesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*/* | application/vnd.tcg.cel-tlv",
        "application/* | application/vnd.tcg.cel-tlv",
        "application/json | application/json",
        "APPLICATION/JSON | application/json",
        "application/json, application/cbor | application/json",
        "application/json;q=0.5, application/cbor;q=0.6 | application/cbor",
        "application/json;q=0, */* | application/vnd.tcg.cel-tlv",
        "application/vnd.tcg.cel-tlv;q=0, */*;q=0.1 | application/octet-stream",
        "text/html, application/cbor-seq;q=0.2, */*;q=0.1 | application/cbor-seq",
        "application/json;q=x, application/vnd.tcg.tcg2 | application/vnd.tcg.tcg2",
        "application/octet-stream | application/octet-stream",
      })
  void theBestLikedIsChosen(String accept, String mediaType) {
    assertThat(LogMediaTypes.negotiate(accept).orElseThrow().mediaType()).isEqualTo(mediaType);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"text/html", "application/json;q=0", "text/*, image/*;q=0.1", "nonsense", "*/*;q=0"})
  void nothingIsChosenWhereNothingIsLiked(String accept) {
    assertThat(LogMediaTypes.negotiate(accept)).isEmpty();
  }

  @Test
  void withoutAcceptItIsWhatLiesOnDisk() {
    assertThat(LogMediaTypes.negotiate(null).orElseThrow().format()).isEqualTo(LogFormat.CEL_TLV);
  }
}
