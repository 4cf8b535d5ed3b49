package dev.cairn.foreign;

import dev.cairn.measure.HashAlgorithm;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tries ways through sequences of digests in one bank, from one value to another. Sequence 0 is
 * ours, the others are those of foreign logs. A way is a list of sequence numbers, one per step.
 */
final class Ways {
  private static final int OURS = 0;

  private final MessageDigest hash;
  private final byte[][] @Nullable [] sequences; // null: a record that lacks the bank
  private final byte[] target;
  private final int least;
  private final int most;

  // the way being tried
  private byte[][] values = new byte[64][];
  private int[] way = new int[64];
  private int[] next = new int[64];
  private int depth;
  private int foreign;
  private int[] at; // per sequence, the next digest

  /**
   * Begins at a value.
   *
   * @param least steps of sequence 0 that a way has at least
   * @param most and at most
   */
  Ways(
      HashAlgorithm bank,
      byte[] from,
      byte[] target,
      byte[][] @Nullable [] sequences,
      int least,
      int most) {
    this.hash = bank.newDigest();
    this.sequences = sequences;
    this.target = target;
    this.least = least;
    this.most = most;
    this.at = new int[sequences.length];
    values[0] = from;
    for (int i = 1; i < values.length; i++) {
      values[i] = new byte[from.length];
    }
  }

  /**
   * Tries all ways with 1 to {@code mostForeign} foreign steps, ours first.
   *
   * @param starts per sequence, where to enter it
   * @return the first that leads to the target, or null
   */
  int @Nullable [] interleave(int[] starts, int mostForeign, Budget budget) {
    begin(starts);
    next[0] = OURS;
    while (true) {
      int sequence = next[depth]++;
      if (sequence == sequences.length) {
        if (depth == 0) {
          return null;
        }
        back();
      } else if (sequence == OURS || foreign < mostForeign) {
        if (step(sequence, budget)) {
          next[depth] = OURS;
          if (isThere()) {
            return Arrays.copyOf(way, depth);
          }
        } else if (budget.isSpent()) {
          return null;
        }
      }
    }
  }

  /**
   * Tries ways with all foreign steps, of one sequence, behind ours.
   *
   * @param starts per sequence, where to enter it
   */
  int @Nullable [] inARow(int[] starts, int sequence, Budget budget) {
    for (int ours = least; ours <= most; ours++) {
      begin(starts);
      boolean whole = true;
      for (int i = 0; i < ours && whole; i++) {
        whole = step(OURS, budget);
      }
      while (whole && step(sequence, budget)) {
        if (isThere()) {
          return Arrays.copyOf(way, depth);
        }
      }
    }
    return null;
  }

  private void begin(int[] starts) {
    depth = 0;
    foreign = 0;
    at = starts.clone();
  }

  private boolean step(int sequence, Budget budget) {
    byte[][] digests = sequences[sequence];
    int index = at[sequence];
    int end = sequence == OURS ? most : digests.length;
    if (index >= end || digests[index] == null || !budget.take()) {
      return false;
    }
    makeRoom();
    hash.update(values[depth]);
    hash.update(digests[index]);
    try {
      hash.digest(values[depth + 1], 0, target.length);
    } catch (DigestException e) {
      throw new IllegalStateException(e); // the buffer has the size of the bank
    }
    way[depth] = sequence;
    at[sequence]++;
    foreign += sequence == OURS ? 0 : 1;
    depth++;
    return true;
  }

  private void back() {
    depth--;
    int sequence = way[depth];
    at[sequence]--;
    foreign -= sequence == OURS ? 0 : 1;
  }

  private boolean isThere() {
    return foreign > 0 && at[OURS] >= least && Arrays.equals(values[depth], target);
  }

  private void makeRoom() {
    if (depth + 1 < values.length) {
      return;
    }
    int before = values.length;
    values = Arrays.copyOf(values, 2 * before);
    for (int i = before; i < values.length; i++) {
      values[i] = new byte[target.length];
    }
    way = Arrays.copyOf(way, values.length);
    next = Arrays.copyOf(next, values.length);
  }
}
