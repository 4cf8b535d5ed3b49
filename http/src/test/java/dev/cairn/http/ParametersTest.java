package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersTest {
  private static final Set<String> KNOWN = Set.of("from", "dry_run");

  @Test
  void escapesAreDecoded() throws Exception {
    assertThat(Parameters.parse("%66rom=%31", KNOWN).number("from", 0)).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"form=1", "from=1&from=1", "from=%zz", "&", "from=1&dry_run=true&x=y&z", "FROM=1"})
  void whatIsUnknownRepeatedOrBrokenIsRefused(String query) {
    ProblemException refusal =
        catchThrowableOfType(ProblemException.class, () -> Parameters.parse(query, KNOWN));

    assertThat(refusal.problem().type()).isEqualTo(ProblemType.INVALID_PARAMETER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "+1", "1.0", "0x1", "9999999999999999999", "١"})
  void whatIsNoNumberIsRefused(String value) throws Exception {
    Parameters parameters = Parameters.parse("from=" + value, KNOWN);

    assertThat(catchThrowableOfType(ProblemException.class, () -> parameters.number("from", 0)))
        .isNotNull();
  }

  @ParameterizedTest
  @CsvSource({"true, true", "false, false"})
  void aFlagIsTrueOrFalse(String value, boolean flag) throws Exception {
    assertThat(Parameters.parse("dry_run=" + value, KNOWN).flag("dry_run")).isEqualTo(flag);
  }

  @Test
  void aFlagIsNothingElse() throws Exception {
    Parameters parameters = Parameters.parse("dry_run=1", KNOWN);

    assertThat(catchThrowableOfType(ProblemException.class, () -> parameters.flag("dry_run")))
        .isNotNull();
  }
}
