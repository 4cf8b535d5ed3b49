package dev.cairn.foreign;

import dev.cairn.foreign.Interleaving.Placed;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for an order of our extends and those of others that leads from one value of a register to
 * another. Ours keep their order, and so do those of each log; a log may be entered anywhere where
 * it is not known how far it is accounted for.
 *
 * <p>The search runs in the widest bank, where no two ways lead to one value, and what it finds is
 * checked in all the others. Ways among k of ours and n of others are C(k + n, n): at most {@link
 * #MOST_INTERLEAVED} of others are looked for between ours, more of them only in a row behind ours,
 * and after a given number of hashes it gives up.
 */
final class InterleavingSearch {
  /** So many extends of others are looked for between ours. */
  static final int MOST_INTERLEAVED = 16;

  private static final int[] SHALLOW = {1, 2};
  private static final int[] DEEP = {4, 8, MOST_INTERLEAVED};

  /**
   * What one log offers.
   *
   * @param anchored whether its first record is known to be the first that matters
   */
  record Source(ForeignLog.Origin keeper, List<Candidate> candidates, boolean anchored) {}

  private final Question question;
  private final List<Source> sources;
  private final HashAlgorithm bank;
  private final Hasher hasher = new Hasher();
  private String note = "";

  InterleavingSearch(Question question, List<Source> sources) {
    this.question = question;
    this.sources = sources;
    this.bank = widest(question.before());
  }

  private static HashAlgorithm widest(DigestSet set) {
    HashAlgorithm widest = set.at(0).algorithm();
    for (Digest digest : set) {
      if (digest.algorithm().sizeBytes() > widest.sizeBytes()) {
        widest = digest.algorithm();
      }
    }
    return widest;
  }

  /** Returns what came so close that it has to be told; empty where nothing did. */
  String note() {
    return note;
  }

  /**
   * Looks.
   *
   * @param inARow for ways with all of others behind ours; what it leaves goes to the other
   * @param mixed for all other ways
   * @return the first way found, or null
   */
  @Nullable Interleaving find(Budget inARow, Budget mixed) {
    boolean twoRules =
        sources.stream().flatMap(s -> s.candidates().stream()).anyMatch(c -> c.padded() != null);
    Interleaving found = find(ways(false), inARow, mixed);
    return found == null && twoRules ? find(ways(true), inARow, mixed) : found;
  }

  private Ways ways(boolean byPadding) {
    byte[][] @Nullable [] sequences = new byte[sources.size() + 1][][];
    sequences[0] = new byte[question.own().size()][];
    for (int i = 0; i < question.own().size(); i++) {
      sequences[0][i] = bytes(question.own().get(i).find(bank));
    }
    for (int s = 0; s < sources.size(); s++) {
      List<Candidate> candidates = sources.get(s).candidates();
      sequences[s + 1] = new byte[candidates.size()][];
      for (int i = 0; i < candidates.size(); i++) {
        sequences[s + 1][i] = bytes(candidates.get(i).find(bank, byPadding));
      }
    }
    return new Ways(
        bank,
        required(question.before()),
        required(question.observed()),
        sequences,
        question.least(),
        question.most());
  }

  private static byte @Nullable [] bytes(@Nullable Digest digest) {
    return digest == null ? null : digest.value().toArray();
  }

  private byte[] required(DigestSet value) {
    return value
        .get(bank)
        .orElseThrow(() -> new IllegalArgumentException("no value in " + bank))
        .value()
        .toArray();
  }

  private @Nullable Interleaving find(Ways ways, Budget inARow, Budget mixed) {
    if (question.most() == 0) {
      inARow.addRestOf(mixed); // most likely by far, and the only way with one log
    }
    Interleaving found = question.most() == 0 ? null : mixed(ways, SHALLOW, mixed);
    for (int s = 0; found == null && s < sources.size(); s++) {
      for (int[] starts : windows(s)) {
        found = checked(ways.inARow(starts, s + 1, inARow), starts);
        if (found != null || inARow.isSpent()) {
          break;
        }
      }
    }
    if (found == null) {
      mixed.addRestOf(inARow);
      found = question.most() == 0 && sources.size() == 1 ? null : mixed(ways, DEEP, mixed);
    }
    return found;
  }

  private @Nullable Interleaving mixed(Ways ways, int[] depths, Budget budget) {
    for (int deepest : depths) {
      for (int[] starts : windows()) {
        Interleaving found = checked(ways.interleave(starts, deepest, budget), starts);
        if (found != null || budget.isSpent()) {
          return found;
        }
      }
    }
    return null;
  }

  /** Returns where to enter the logs: each alone, and all of them at their beginning. */
  private List<int[]> windows() {
    List<int[]> windows = new ArrayList<>();
    for (int s = 0; s < sources.size(); s++) {
      windows.addAll(windows(s));
    }
    if (sources.size() > 1) {
      windows.add(new int[sources.size() + 1]);
    }
    return windows;
  }

  /** What is known to come first, then the newest before the older. */
  private List<int[]> windows(int source) {
    List<int[]> windows = new ArrayList<>();
    int size = sources.get(source).candidates().size();
    boolean anchored = sources.get(source).anchored() && size > 0;
    if (anchored) {
      windows.add(only(source, 0));
    }
    for (int start = size - 1; start >= (anchored ? 1 : 0); start--) {
      windows.add(only(source, start));
    }
    return windows;
  }

  private int[] only(int source, int start) {
    int[] starts = new int[sources.size() + 1];
    for (int s = 0; s < sources.size(); s++) {
      starts[s + 1] = s == source ? start : sources.get(s).candidates().size();
    }
    return starts;
  }

  /** Follows the way in every bank; null if there is none, or one of the banks disagrees. */
  private @Nullable Interleaving checked(int @Nullable [] way, int[] starts) {
    if (way == null) {
      return null;
    }
    List<Candidate> candidates = new ArrayList<>();
    List<Integer> keepers = new ArrayList<>();
    List<Integer> before = new ArrayList<>();
    int[] at = starts.clone();
    for (int sequence : way) {
      if (sequence > 0) {
        candidates.add(sources.get(sequence - 1).candidates().get(at[sequence]));
        keepers.add(sequence - 1);
        before.add(at[0]);
      }
      at[sequence]++;
    }
    List<List<Digest>> digests = new ArrayList<>();
    candidates.forEach(candidate -> digests.add(new ArrayList<>()));
    for (Digest value : question.before()) {
      HashAlgorithm other = value.algorithm();
      Boolean byPadding = rule(other, way, candidates);
      if (byPadding == null) {
        note =
            "%d of them lead there in %s but not in %s"
                .formatted(candidates.size(), bank.bank(), other.bank());
        return null;
      }
      for (int i = 0; i < candidates.size(); i++) {
        Digest digest = candidates.get(i).find(other, byPadding);
        if (digest != null) {
          digests.get(i).add(digest);
        }
      }
    }
    List<Placed> placed = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      placed.add(
          new Placed(
              before.get(i),
              new ForeignRecord(
                  sources.get(keepers.get(i)).keeper(),
                  candidate.place(),
                  DigestSet.of(digests.get(i)),
                  candidate.content())));
    }
    return new Interleaving(at[0], placed);
  }

  /** Returns the rule of IMA by which the way leads to the value of {@code other}; null if none. */
  private @Nullable Boolean rule(HashAlgorithm other, int[] way, List<Candidate> candidates) {
    for (boolean byPadding : new boolean[] {false, true}) {
      Digest value = question.before().find(other);
      int own = 0;
      int foreign = 0;
      for (int i = 0; i < way.length && value != null; i++) {
        Digest digest =
            way[i] == 0
                ? question.own().get(own++).find(other)
                : candidates.get(foreign++).find(other, byPadding);
        value = digest == null ? null : hasher.extend(value, digest);
      }
      if (value != null && value.equals(question.observed().find(other))) {
        return byPadding;
      }
    }
    return null;
  }
}
