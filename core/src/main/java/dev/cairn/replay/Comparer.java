package dev.cairn.replay;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.RegisterComparison.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares the given values of one register with its replay. */
final class Comparer {
  private final RegisterId register;
  private final @Nullable RegisterReplay replay;
  private final boolean allowTail;
  private final Set<Long> ends = new HashSet<>(); // after how many extends the banks match

  /** A replay of null: no record names the register. */
  Comparer(RegisterId register, @Nullable RegisterReplay replay, boolean allowTail) {
    this.register = register;
    this.replay = replay;
    this.allowTail = allowTail;
  }

  /** Compares all banks; a tail is allowed only where every bank ends at the same record. */
  List<RegisterComparison> compare(DigestSet given) {
    List<RegisterComparison> result = new ArrayList<>();
    for (Digest value : given) {
      result.add(compare(value));
    }
    if (ends.size() > 1) {
      result.replaceAll(Comparer::withoutTail);
    }
    return result;
  }

  private static RegisterComparison withoutTail(RegisterComparison comparison) {
    return comparison.status() != Status.MATCH_BEFORE_END
        ? comparison
        : new RegisterComparison(
            comparison.register(),
            comparison.expected(),
            comparison.replayed(),
            Status.MISMATCH,
            comparison.rule(),
            comparison.detail() + "; other banks end elsewhere");
  }

  private RegisterComparison compare(Digest given) {
    if (replay == null || replay.extended() == 0) {
      return compareUntouched(given);
    }
    HashAlgorithm bank = given.algorithm();
    RecordRef lacking = replay.lacking(bank);
    if (lacking != null && !(replay.isWhole(bank) && replay.shown(bank).length() > 0)) {
      return notCovered(given, lacking);
    }
    if (replay.isDerived(bank)) {
      return lacking == null ? compareDerived(given, replay) : notCovered(given, lacking);
    }
    Chain chain = replay.shown(bank);
    if (!chain.is(given.value())) {
      return lacking == null ? mismatch(given, chain, null) : notCovered(given, lacking);
    }
    ends.add(chain.length());
    String detail =
        lacking == null
            ? ""
            : "from %s on no record has a %s digest, and none was extended"
                .formatted(lacking, bank.bank());
    return result(given, chain.value(), Status.MATCH, null, detail);
  }

  private RegisterComparison compareUntouched(Digest given) {
    HashAlgorithm bank = given.algorithm();
    if (register.equals(RegisterId.MRTD)) {
      return result(given, null, Status.NOT_EXTENDABLE, null, "measured when the guest was built");
    }
    RecordRef lacking = replay == null ? null : replay.lacking(bank);
    if (lacking != null) {
      return notCovered(given, lacking);
    }
    Bytes start =
        replay == null ? new StartValues(register).of(bank) : replay.shown(bank).value().value();
    if (start.equals(given.value())) {
      return result(given, new Digest(bank, start), Status.MATCH, null, "no record extends it");
    }
    return result(
        given,
        new Digest(bank, start),
        Status.MISMATCH,
        null,
        "no record extends %s, yet it holds another value than its first".formatted(register));
  }

  private RegisterComparison notCovered(Digest given, RecordRef lacking) {
    return result(
        given,
        null,
        Status.NOT_COVERED,
        null,
        "cannot be replayed past %s, which has no %s digest"
            .formatted(lacking, given.algorithm().bank()));
  }

  private RegisterComparison compareDerived(Digest given, RegisterReplay replayed) {
    List<DerivedBank> lists = replayed.derived(given.algorithm());
    for (DerivedBank list : lists) {
      if (list.own().is(given.value())) {
        ends.add(list.own().length());
        return matchDerived(given, list, Rule.TEMPLATE_DATA);
      }
      if (list.padded() != null && list.padded().is(given.value())) {
        ends.add(list.own().length());
        return matchDerived(given, list, Rule.PADDED_SHA1);
      }
    }
    if (lists.isEmpty()) {
      return result(given, null, Status.NOT_COVERED, null, "no IMA list has a digest of this bank");
    }
    Chain closest = lists.get(0).own();
    for (Chain chain : chains(lists)) {
      closest = chain.matchedAt() > closest.matchedAt() ? chain : closest;
    }
    return mismatch(given, closest, Rule.TEMPLATE_DATA);
  }

  static List<Chain> chains(List<DerivedBank> lists) {
    List<Chain> chains = new ArrayList<>();
    for (DerivedBank list : lists) {
      chains.add(list.own());
      if (list.padded() != null) {
        chains.add(list.padded());
      }
    }
    return chains;
  }

  private RegisterComparison matchDerived(Digest given, DerivedBank list, Rule rule) {
    return result(
        given,
        given,
        Status.MATCH,
        rule,
        "from the %s list: extended was %s"
            .formatted(
                list.source().bank(),
                rule == Rule.PADDED_SHA1 ? rule.text() : "the bank's own hash of the entry"));
  }

  private RegisterComparison mismatch(Digest given, Chain chain, @Nullable Rule rule) {
    if (chain.matchedAt() <= 0) {
      return result(given, chain.value(), Status.MISMATCH, rule, "");
    }
    ends.add(chain.matchedAt());
    return result(
        given,
        chain.value(),
        allowTail ? Status.MATCH_BEFORE_END : Status.MISMATCH,
        rule,
        "matches after extend %d of %d, %s"
            .formatted(chain.matchedAt(), chain.length(), chain.matchedAfter()));
  }

  private RegisterComparison result(
      Digest given, @Nullable Digest replayed, Status status, @Nullable Rule rule, String detail) {
    return new RegisterComparison(register, given, replayed, status, rule, detail);
  }
}
