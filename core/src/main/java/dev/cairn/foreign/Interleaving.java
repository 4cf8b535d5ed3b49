package dev.cairn.foreign;

import java.util.List;

/**
 * An order of extends that leads from one value of a register to another: proven by the values, in
 * every active bank.
 *
 * @param own how many of our extends have happened: the first so many
 * @param foreign those of others, in order
 */
public record Interleaving(int own, List<Placed> foreign) {
  /** Copies the list. */
  public Interleaving {
    foreign = List.copyOf(foreign);
  }

  /**
   * An extend of somebody else.
   *
   * @param before it came before our extend of this number, counted from 0; the number of all that
   *     happened: behind them
   */
  public record Placed(int before, ForeignRecord record) {}
}
