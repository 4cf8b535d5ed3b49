package dev.cairn.replay;

import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.Divergence.Cause;
import dev.cairn.replay.RegisterComparison.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out why a register differs: from findings, from the other banks, or by trying faults. */
final class Explanation {
  /** More registers than that are not looked into: then the logs are simply others. */
  static final int MAX_REGISTERS = 24;

  private static final int MAX_RECORDS = 16;

  private final List<Finding> findings;
  private long budget = FaultSearch.BUDGET;

  Explanation(List<Finding> findings) {
    this.findings = findings;
  }

  /** Returns whether a record of {@code register} has been found wrong already. */
  boolean isFound(RegisterId register) {
    return findings.stream().anyMatch(f -> f.record().register().equals(register));
  }

  /** Explains; {@code replay} has remembered what was extended, or is null if nothing was. */
  Divergence explain(
      RegisterId register, List<RegisterComparison> comparisons, @Nullable RegisterReplay replay) {
    List<RegisterComparison> differing = with(comparisons, Status.MISMATCH);
    Set<HashAlgorithm> banks = new TreeSet<>();
    differing.forEach(c -> banks.add(c.bank()));
    if (replay == null || replay.extended() == 0) {
      return new Divergence(
          register, banks, Cause.NO_RECORD, List.of(), "no record extends " + register);
    }
    Divergence divergence = fromFindings(register, banks);
    divergence = divergence == null ? fromTail(register, banks, differing, replay) : divergence;
    divergence = divergence == null ? fromSearch(differing, replay) : divergence;
    if (divergence == null && !with(comparisons, Status.MATCH).isEmpty()) {
      divergence = ofOneBank(register, banks, replay);
    }
    return divergence == null ? unknown(register, banks, replay) : divergence;
  }

  private static List<RegisterComparison> with(List<RegisterComparison> list, Status status) {
    return list.stream().filter(c -> c.status() == status).toList();
  }

  private @Nullable Divergence fromFindings(RegisterId register, Set<HashAlgorithm> banks) {
    List<Finding> ofRegister =
        findings.stream().filter(f -> f.record().register().equals(register)).toList();
    if (ofRegister.isEmpty()) {
      return null;
    }
    return new Divergence(
        register,
        banks,
        Cause.FINDING,
        ofRegister.stream().map(Finding::record).distinct().limit(MAX_RECORDS).toList(),
        ofRegister.stream()
            .limit(MAX_RECORDS)
            .map(Finding::toString)
            .collect(Collectors.joining("; ")));
  }

  private static List<Chain> chains(RegisterReplay replay, HashAlgorithm bank) {
    return replay.isDerived(bank)
        ? Comparer.chains(replay.derived(bank))
        : List.of(replay.shown(bank));
  }

  private static @Nullable Divergence fromTail(
      RegisterId register,
      Set<HashAlgorithm> banks,
      List<RegisterComparison> differing,
      RegisterReplay replay) {
    Chain matched = null;
    for (RegisterComparison comparison : differing) {
      Chain ofBank = null;
      for (Chain chain : chains(replay, comparison.bank())) {
        ofBank = chain.matchedAt() >= 0 ? chain : ofBank;
      }
      if (ofBank == null || (matched != null && matched.matchedAt() != ofBank.matchedAt())) {
        return null;
      }
      matched = ofBank;
    }
    return matched == null ? null : tail(register, banks, matched);
  }

  private static Divergence tail(RegisterId register, Set<HashAlgorithm> banks, Chain chain) {
    List<RecordRef> records = new ArrayList<>();
    String surplus = "";
    History history = chain.history();
    if (history != null && chain.matchedAt() < history.extendsInOrder().size()) {
      RecordRef first = history.extendsInOrder().get((int) chain.matchedAt()).record();
      records.add(first);
      surplus = "; %s and later are not in it".formatted(first);
    }
    RecordRef after = chain.matchedAfter();
    if (after == null) {
      return new Divergence(
          register,
          banks,
          Cause.TAIL,
          records,
          "%s holds its start value%s".formatted(register, surplus));
    }
    records.add(after);
    return new Divergence(
        register,
        banks,
        Cause.TAIL,
        records,
        "%s holds the value after extend %d of %d, %s%s"
            .formatted(register, chain.matchedAt(), chain.length(), after, surplus));
  }

  private static Divergence ofOneBank(
      RegisterId register, Set<HashAlgorithm> banks, RegisterReplay replay) {
    List<RecordRef> suspects = new ArrayList<>();
    for (HashAlgorithm bank : banks) {
      History history = chains(replay, bank).get(0).history();
      if (history != null) {
        history.extendsInOrder().stream()
            .filter(extend -> !extend.reproduced())
            .map(History.Extend::record)
            .filter(record -> !suspects.contains(record))
            .limit(MAX_RECORDS)
            .forEach(suspects::add);
      }
    }
    List<RecordRef> first = suspects.stream().limit(MAX_RECORDS).toList();
    String names = RecordJudge.names(banks);
    return new Divergence(
        register,
        banks,
        Cause.DIGEST_OF_ONE_BANK,
        first,
        first.isEmpty()
            ? "other banks agree and every digest is that of its content: the given %s value is wrong"
                .formatted(names)
            : "other banks agree: the %s digest is wrong in one of the records whose content does not show it: %s"
                .formatted(names, join(first)));
  }

  private static String join(List<RecordRef> records) {
    return records.stream().map(RecordRef::toString).collect(Collectors.joining(", "));
  }

  private @Nullable Divergence fromSearch(
      List<RegisterComparison> differing, RegisterReplay replay) {
    List<RegisterComparison> shown =
        differing.stream().filter(c -> !replay.isDerived(c.bank())).toList();
    List<FaultSearch.View> views = new ArrayList<>();
    for (RegisterComparison comparison : shown.isEmpty() ? differing.subList(0, 1) : shown) {
      History history = chains(replay, comparison.bank()).get(0).history();
      if (history != null && isUsable(history, views)) {
        views.add(new FaultSearch.View(comparison.bank(), comparison.expected().value(), history));
      }
    }
    if (views.isEmpty()) {
      return null;
    }
    FaultSearch search = new FaultSearch(views, budget);
    Divergence divergence = search.find(views.get(0).record(0));
    budget = search.budget();
    return divergence;
  }

  /** Lists of several banks may differ, by what was logged between reading one and the next. */
  private static boolean isUsable(History history, List<FaultSearch.View> views) {
    return !history.overflowed()
        && !history.extendsInOrder().isEmpty()
        && (views.isEmpty() || views.get(0).size() == history.extendsInOrder().size());
  }

  private static Divergence unknown(
      RegisterId register, Set<HashAlgorithm> banks, RegisterReplay replay) {
    HashAlgorithm bank = banks.iterator().next();
    List<RecordRef> records = new ArrayList<>();
    History history = chains(replay, bank).get(0).history();
    if (history != null && !history.extendsInOrder().isEmpty()) {
      List<History.Extend> all = history.extendsInOrder();
      records.add(all.get(0).record());
      records.add(all.get(all.size() - 1).record());
    }
    return new Divergence(
        register,
        banks,
        Cause.UNKNOWN,
        records,
        "no single record that is surplus, swapped or a missing well-known one explains it; %d records extend %s%s"
            .formatted(
                replay.extended(),
                register,
                records.isEmpty()
                    ? ""
                    : ", from %s to %s".formatted(records.get(0), records.get(1))));
  }
}
