package dev.cairn.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RegisterStateTest {
  private static final Set<String> ALLOWED =
      Set.of(
          "RECOVERING-OK",
          "RECOVERING-DIVERGED",
          "OK-DIVERGED",
          "OK-FAILED",
          "FAILED-OK",
          "FAILED-DIVERGED",
          "RECOVERING-OBSERVED");

  @ParameterizedTest
  @EnumSource
  void whenAskedForAnyTransition_thenOnlyThoseOfTheTableAreAllowed(RegisterState from) {
    for (RegisterState to : RegisterState.values()) {
      assertThat(from.mayBecome(to)).isEqualTo(ALLOWED.contains(from + "-" + to));
    }
  }
}
