package dev.cairn.foreign;

import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.util.List;

/**
 * How did {@code register} get from one value to another?
 *
 * @param register which
 * @param before what it held, in every active bank
 * @param own extends of ours that were sent after that, in order
 * @param least how many of them have happened at least
 * @param most how many may have happened
 * @param observed what it holds now, in the same banks
 */
public record Question(
    RegisterId register,
    DigestSet before,
    List<DigestSet> own,
    int least,
    int most,
    DigestSet observed) {
  /**
   * Copies the list and checks the counts.
   *
   * @throws IllegalArgumentException unless 0 ≤ least ≤ most ≤ the number of own extends
   */
  public Question {
    own = List.copyOf(own);
    if (least < 0 || least > most || most > own.size()) {
      throw new IllegalArgumentException(
          "%s: %d to %d of %d own extends".formatted(register, least, most, own.size()));
    }
  }

  /** Asks about a register with nothing of ours in flight. */
  public static Question idle(RegisterId register, DigestSet before, DigestSet observed) {
    return new Question(register, before, List.of(), 0, 0, observed);
  }
}
