package dev.cairn.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
  @ParameterizedTest
  @CsvSource({
    "state, state, 0",
    "stat, state, 1",
    "satte, state, 1",
    "stato, state, 1",
    "statee, state, 1",
    "'', abc, 3",
    "abc, '', 3",
    "kitten, sitting, 3"
  })
  void whenLettersDiffer_thenTheEditsAreCounted(String a, String b, int edits) {
    assertThat(NearestName.distance(a, b)).isEqualTo(edits);
  }

  @Test
  void whenANameIsNear_thenItIsFound() {
    assertThat(NearestName.of("htpp.body-limt", List.of("state", "http.body-limit", "listen")))
        .hasValue("http.body-limit");
  }

  @Test
  void whenNothingIsNear_thenNothingIsSuggested() {
    assertThat(NearestName.of("colour", List.of("state", "http.body-limit"))).isEmpty();
  }
}
