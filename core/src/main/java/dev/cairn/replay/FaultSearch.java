package dev.cairn.replay;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the one record of a register whose doubling, insertion, exchange or removal explains
 * the given values. Tries every place, so the work is the square of the number of records; it stops
 * when its budget of hashes is used up. One bank is searched and the others have to agree.
 */
final class FaultSearch {
  /** In hashes of SHA-2: two to four seconds. */
  static final long BUDGET = 6_000_000;

  /** The extends of one bank and the value that they should have led to. */
  record View(HashAlgorithm bank, Bytes expected, History history) {
    int size() {
      return history.extendsInOrder().size();
    }

    Bytes digest(int index) {
      return history.extendsInOrder().get(index).digest();
    }

    RecordRef record(int index) {
      return history.extendsInOrder().get(index).record();
    }
  }

  /** What is wrong at place {@code index}; {@code inserted} gives what is missing before it. */
  private record Fault(Divergence.Cause cause, int index, Missing inserted) {}

  /**
   * A digest that a log may lack: of a well-known event, or of a record that it has elsewhere.
   *
   * @param searched the digest in the bank that is searched
   */
  private record Missing(WellKnownEvents.@Nullable Event event, int sameAs, Bytes searched) {
    static final Missing NOTHING = new Missing(null, -1, Bytes.EMPTY);

    Bytes digest(View view) {
      return event == null ? view.digest(sameAs) : view.bank.hash(event.data()).value();
    }

    String describe(View view) {
      return event == null ? "the event of " + view.record(sameAs) : event.name();
    }
  }

  private final List<View> views;
  private final View searched;
  private final MessageDigest digest;
  private final List<byte[]> prefixes = new ArrayList<>();
  private final byte[] value;
  private long budget;

  /**
   * Prepares a search.
   *
   * @param views of one register, at least one, all with the same records
   * @param budget how many hashes it may cost
   */
  FaultSearch(List<View> views, long budget) {
    this.views = List.copyOf(views);
    this.budget = budget;
    this.searched =
        this.views.stream()
            .min(
                Comparator.comparing((View v) -> cost(v.bank))
                    .thenComparing(v -> v.bank.sizeBytes()))
            .orElseThrow();
    this.digest = searched.bank.newDigest();
    this.value = searched.history.start().toArray();
    prefixes.add(value.clone());
    for (int i = 0; i < searched.size(); i++) {
      extend(searched.digest(i));
      prefixes.add(value.clone());
    }
  }

  long budget() {
    return budget;
  }

  /** Returns an explanation, or null if there is none within the budget. */
  @Nullable Divergence find(RecordRef first) {
    Fault fault = surplus();
    fault = fault == null ? swapped() : fault;
    fault = fault == null ? missing() : fault;
    return fault == null ? null : describe(fault, first);
  }

  private @Nullable Fault surplus() {
    for (int i = 0; i < searched.size() && affordable(searched.size() - i); i++) {
      Fault fault = new Fault(Divergence.Cause.SURPLUS_RECORD, i, Missing.NOTHING);
      if (explains(fault)) {
        return fault;
      }
    }
    return null;
  }

  private @Nullable Fault swapped() {
    for (int i = 0; i + 1 < searched.size() && affordable(searched.size() - i); i++) {
      Fault fault = new Fault(Divergence.Cause.SWAPPED_RECORDS, i, Missing.NOTHING);
      if (explains(fault)) {
        return fault;
      }
    }
    return null;
  }

  private @Nullable Fault missing() {
    for (WellKnownEvents.Event event : WellKnownEvents.ALL) {
      Fault fault =
          missing(
              new Missing(event, -1, searched.bank.hash(event.data()).value()), 0, searched.size());
      if (fault != null) {
        return fault;
      }
    }
    long everywhere = (long) searched.size() * searched.size() / 2;
    boolean anywhere = everywhere * searched.size() * cost(searched.bank) <= budget;
    Set<Bytes> tried = new HashSet<>();
    for (int i = 0; i < searched.size(); i++) {
      Missing again = new Missing(null, i, searched.digest(i));
      Fault fault = null;
      if (!anywhere) {
        fault = missing(again, i, i + 1); // beside the record that it equals
      } else if (tried.add(searched.digest(i))) {
        fault = missing(again, 0, searched.size());
      }
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  private @Nullable Fault missing(Missing inserted, int from, int to) {
    for (int i = from; i <= to && affordable(searched.size() - i + 1); i++) {
      Fault fault = new Fault(Divergence.Cause.MISSING_RECORD, i, inserted);
      if (explains(fault)) {
        return fault;
      }
    }
    return null;
  }

  /** How much longer a hash takes than one that the processor or the JDK has instructions for. */
  private static int cost(HashAlgorithm bank) {
    return switch (bank) {
      case SHA1, SHA256, SHA384, SHA512 -> 1;
      case SM3_256, SHA3_256, SHA3_384, SHA3_512 -> 4;
    };
  }

  private boolean affordable(long hashes) {
    budget -= hashes * cost(searched.bank);
    return budget >= 0;
  }

  private boolean explains(Fault fault) {
    System.arraycopy(prefixes.get(fault.index), 0, value, 0, value.length);
    replayFrom(fault, searched);
    return searched.expected.isAt(value, 0) && othersAgree(fault);
  }

  private void replayFrom(Fault fault, View view) {
    int next = fault.index;
    switch (fault.cause) {
      case SURPLUS_RECORD -> next++;
      case SWAPPED_RECORDS -> {
        extend(view.digest(next + 1));
        extend(view.digest(next));
        next += 2;
      }
      default -> extend(fault.inserted.searched);
    }
    for (int i = next; i < view.size(); i++) {
      extend(view.digest(i));
    }
  }

  private void extend(Bytes measured) {
    digest.update(value);
    measured.feed(digest);
    Hashes.finish(digest, searched.bank, value);
  }

  private boolean othersAgree(Fault fault) {
    for (View view : views) {
      if (view.bank != searched.bank) {
        Missing inserted =
            fault.inserted.sameAs < 0 && fault.inserted.event == null
                ? Missing.NOTHING
                : new Missing(
                    fault.inserted.event, fault.inserted.sameAs, fault.inserted.digest(view));
        Fault same = new Fault(fault.cause, fault.index, inserted);
        if (!new FaultSearch(List.of(view), budget).explains(same)) {
          return false;
        }
      }
    }
    return true;
  }

  private Divergence describe(Fault fault, RecordRef first) {
    List<RecordRef> records = new ArrayList<>();
    String message;
    switch (fault.cause) {
      case SURPLUS_RECORD -> {
        int doubled = doubled(fault.index);
        records.add(searched.record(doubled));
        message = searched.record(doubled) + " is not in the register";
        if (doubled > 0 && searched.digest(doubled).equals(searched.digest(doubled - 1))) {
          records.add(searched.record(doubled - 1));
          message += ": it is " + searched.record(doubled - 1) + " once more";
        }
      }
      case SWAPPED_RECORDS -> {
        records.add(searched.record(fault.index));
        records.add(searched.record(fault.index + 1));
        message =
            "%s and %s were extended the other way round"
                .formatted(searched.record(fault.index), searched.record(fault.index + 1));
      }
      default -> {
        boolean atEnd = fault.index == searched.size();
        RecordRef beside = searched.record(atEnd ? fault.index - 1 : fault.index);
        records.add(beside);
        message =
            "a record with %s is missing %s %s"
                .formatted(fault.inserted.describe(searched), atEnd ? "after" : "before", beside);
      }
    }
    Set<HashAlgorithm> banks = new HashSet<>();
    views.forEach(view -> banks.add(view.bank));
    return new Divergence(first.register(), banks, fault.cause, records, message);
  }

  /** Of equal neighbours, any one may be taken away: the last is the one that was added. */
  private int doubled(int index) {
    int last = index;
    while (last + 1 < searched.size() && searched.digest(last + 1).equals(searched.digest(last))) {
      last++;
    }
    return last;
  }
}
