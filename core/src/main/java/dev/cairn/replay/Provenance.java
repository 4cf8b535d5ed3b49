package dev.cairn.replay;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.Limits;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where register values come from: after how many records of which logs, replayed one after the
 * other from the reset values, the registers held them. Logs may have gone on since. One pass, and
 * only as far as there is something left to explain; memory does not grow with the logs.
 */
public final class Provenance {
  private final Replayer replayer;
  private final RegisterValues values;
  private final List<String> names = new ArrayList<>();
  private final List<Map<Slot, Long>> lengths = new ArrayList<>(); // behind each log

  private Provenance(RegisterValues values, Limits limits) {
    this.values = values;
    this.replayer = new Replayer(limits, new Derivation(values.banks(), true), values, Set.of());
  }

  /**
   * What one log contributes.
   *
   * @param log its name
   * @param records how many of its records extended the register before it held the value
   */
  public record Share(String log, long records) {}

  /**
   * Where one value comes from.
   *
   * @param banks those in which it is explained, at least one
   * @param shares in the order of the logs, only those with records
   */
  public record Found(SortedSet<HashAlgorithm> banks, List<Share> shares) {
    /** Copies both. */
    public Found {
      banks = Collections.unmodifiableSortedSet(new TreeSet<>(banks));
      shares = List.copyOf(shares);
    }
  }

  private record Slot(RegisterId register, HashAlgorithm bank) {}

  /**
   * Looks for {@code values}.
   *
   * @param unreadable gets the name of a log that cannot be read, and why; the others are read on
   * @return the registers that are explained in at least one bank
   */
  public static Map<RegisterId, Found> of(
      List<LogSource> logs,
      RegisterValues values,
      Limits limits,
      BiConsumer<String, IOException> unreadable) {
    Provenance provenance = new Provenance(values, limits);
    for (LogSource log : logs) {
      if (provenance.isComplete()) {
        break;
      }
      try (EventReader reader = log.open()) {
        provenance.replayer.read(log.name(), reader);
      } catch (IOException e) {
        unreadable.accept(log.name(), e);
      }
      provenance.endLog(log.name());
    }
    return provenance.found();
  }

  private boolean isComplete() {
    return slots().stream().allMatch(slot -> matched(slot) != null);
  }

  private List<Slot> slots() {
    List<Slot> slots = new ArrayList<>();
    values.asMap().forEach((id, set) -> set.forEach(d -> slots.add(new Slot(id, d.algorithm()))));
    return slots;
  }

  private void endLog(String name) {
    Map<Slot, Long> behind = new HashMap<>();
    for (Slot slot : slots()) {
      long longest = 0;
      for (Chain chain : chains(slot)) {
        longest = Math.max(longest, chain.length());
      }
      behind.put(slot, longest);
    }
    names.add(name);
    lengths.add(behind);
  }

  private List<Chain> chains(Slot slot) {
    RegisterReplay register = replayer.find(slot.register());
    if (register == null) {
      return List.of();
    }
    return register.isDerived(slot.bank())
        ? Comparer.chains(register.derived(slot.bank()))
        : List.of(register.shown(slot.bank()));
  }

  /** Returns after how many extends the bank held its value, or null if it never did. */
  private @Nullable Long matched(Slot slot) {
    for (Chain chain : chains(slot)) {
      if (chain.matchedAt() >= 0) {
        return chain.matchedAt();
      }
    }
    return null;
  }

  private Map<RegisterId, Found> found() {
    Map<RegisterId, Found> result = new TreeMap<>();
    values
        .asMap()
        .forEach(
            (id, set) -> {
              Map<List<Share>, SortedSet<HashAlgorithm>> byShares = new HashMap<>();
              for (Digest value : set) {
                Slot slot = new Slot(id, value.algorithm());
                Long matched = matched(slot);
                if (matched != null) {
                  byShares
                      .computeIfAbsent(shares(slot, matched), shares -> new TreeSet<>())
                      .add(value.algorithm());
                }
              }
              Found best = best(byShares);
              if (best != null) {
                result.put(id, best);
              }
            });
    return result;
  }

  /**
   * All banks take every extend: those that agree on the records are right, the others lack some.
   */
  private static @Nullable Found best(Map<List<Share>, SortedSet<HashAlgorithm>> byShares) {
    Found best = null;
    for (Map.Entry<List<Share>, SortedSet<HashAlgorithm>> entry : byShares.entrySet()) {
      if (best == null || entry.getValue().size() > best.banks().size()) {
        best = new Found(entry.getValue(), entry.getKey());
      }
    }
    return best;
  }

  private List<Share> shares(Slot slot, long matched) {
    List<Share> shares = new ArrayList<>();
    long before = 0;
    for (int i = 0; i < names.size() && before < matched; i++) {
      long behind = Math.min(matched, lengths.get(i).getOrDefault(slot, before));
      if (behind > before) {
        shares.add(new Share(names.get(i), behind - before));
        before = behind;
      }
    }
    return shares;
  }
}
