package dev.cairn.replay;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ima.ImaBinary;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The replay of one register in all its banks.
 *
 * <p>A bank is followed from its start value as long as every record has a digest of it; the first
 * that lacks one ends the replay of that bank. IMA lists are the exception: several lists of one
 * boot show the same entries in one bank each, so there every bank follows the lists that show it,
 * and a bank that none shows is derived.
 */
final class RegisterReplay {
  private static final HashAlgorithm[] BANKS = HashAlgorithm.values();

  private final RegisterId id;
  private final Hashes hashes;
  private final Derivation derivation;
  private final DigestSet expected;
  private final boolean remembers;
  private final StartValues start;
  private final RecnumCheck.Counter recnums = new RecnumCheck.Counter();

  private final Map<HashAlgorithm, Chain> chains = new EnumMap<>(HashAlgorithm.class);
  private final Map<HashAlgorithm, RecordRef> lacking = new EnumMap<>(HashAlgorithm.class);
  private long ended; // banks in lacking: their chains stay where they are
  private long resumed; // those of them that a later record has again
  private final List<DerivedBank> derived = new ArrayList<>();
  private long extended;
  private long known; // banks that every record has to have
  private long imaShown; // banks that at least one IMA list shows
  private long imaStarted; // banks whose derived chains are made
  private long imaOfLog; // banks of the IMA entries of this log
  private boolean imaInLog;
  private @Nullable RecordRef firstOrdinary;
  private @Nullable Unproven unproven;

  RegisterReplay(
      RegisterId id, Hashes hashes, Derivation derivation, DigestSet expected, boolean remembers) {
    this.remembers = remembers;
    this.id = id;
    this.hashes = hashes;
    this.derivation = derivation;
    this.expected = expected;
    this.start = new StartValues(id);
  }

  void beginLog() {
    imaInLog = false;
  }

  /** Extends a record that is measured and no IMA entry. */
  void extend(EventRecord record, Place place) {
    DigestSet digests = record.digests();
    long shown = banksOf(digests);
    if (firstOrdinary == null) {
      firstOrdinary = place.ref();
    } else if ((shown & ~known) != 0) {
      endBanks(shown & ~known, firstOrdinary);
    }
    long lost = (known | imaShown) & ~shown & ~ended;
    if (lost != 0) {
      endBanks(lost, place.ref());
    }
    known |= shown;
    resumed |= shown & ended;
    for (int i = 0; i < digests.size(); i++) {
      Digest digest = digests.at(i);
      if ((ended & bit(digest.algorithm())) != 0) {
        continue;
      }
      chain(digest.algorithm()).extend(digest.value(), place);
      for (int d = 0; d < derived.size(); d++) {
        if (derived.get(d).target() == digest.algorithm()) {
          derived.get(d).extend(digest.value(), place);
        }
      }
    }
    extended++;
  }

  /** Extends an IMA entry. */
  void extendIma(EventRecord record, ImaTemplate template, Place place) {
    DigestSet digests = record.digests();
    boolean violation = ImaBinary.isViolation(record);
    Bytes input = ImaBinary.hashInput(template).orElse(template.data());
    startIma(digests, place);
    resumed |= banksOf(digests) & ended;
    for (int i = 0; i < digests.size(); i++) {
      Digest digest = digests.at(i);
      HashAlgorithm bank = digest.algorithm();
      if ((ended & bit(bank)) != 0) {
        continue;
      }
      chain(bank).extend(violation ? Ones.of(bank) : digest.value(), place);
    }
    if (!digests.isEmpty()) {
      Digest first = digests.at(0);
      for (int d = 0; d < derived.size(); d++) {
        DerivedBank bank = derived.get(d);
        if (bank.source() == first.algorithm() && ((imaShown | ended) & bit(bank.target())) == 0) {
          bank.extendEntry(input, first, violation, place);
        }
      }
    }
    extended++;
  }

  private void startIma(DigestSet digests, Place place) {
    long shown = banksOf(digests);
    if (!imaInLog) {
      imaInLog = true;
      imaOfLog = shown;
      imaShown |= shown;
      if (shown == 0) {
        endBanks(-1, place.ref());
      }
    } else if (((shown ^ imaOfLog) & ~ended) != 0) {
      endBanks(shown ^ imaOfLog, place.ref());
      imaOfLog |= shown;
      imaShown |= shown;
    }
    if (!digests.isEmpty() && (imaStarted & bit(digests.at(0).algorithm())) == 0) {
      imaStarted |= bit(digests.at(0).algorithm());
      for (HashAlgorithm target : BANKS) {
        if (derivation.wants(digests.at(0).algorithm(), target) && (imaShown & bit(target)) == 0) {
          derived.add(new DerivedBank(digests.at(0).algorithm(), chain(target), hashes));
        }
      }
    }
  }

  /** Ends the replay of {@code banks} at the record that lacks them. */
  private void endBanks(long banks, RecordRef record) {
    for (HashAlgorithm bank : BANKS) {
      if ((banks & bit(bank)) != 0) {
        lacking.putIfAbsent(bank, record);
      }
    }
    ended |= banks;
  }

  private Chain chain(HashAlgorithm bank) {
    Chain chain = chains.get(bank);
    if (chain == null) {
      Digest compared = expected.find(bank);
      chain =
          new Chain(
              bank,
              hashes,
              start.of(bank),
              compared == null ? null : compared.value(),
              remembers ? new History() : null);
      chains.put(bank, chain);
    }
    return chain;
  }

  /** A bank's bit in a set of banks: TPM algorithm numbers of banks are below 64. */
  private static long bit(HashAlgorithm bank) {
    return 1L << bank.tpmId();
  }

  private static long banksOf(DigestSet digests) {
    long banks = 0;
    for (int i = 0; i < digests.size(); i++) {
      banks |= bit(digests.at(i).algorithm());
    }
    return banks;
  }

  /**
   * Takes a recorded value: the register goes on from it, whatever was before.
   *
   * @param before what the record says was there before it
   * @return what the replay says was there, in the first bank that contradicts; null if none does
   */
  @Nullable Digest restart(DigestSet before, DigestSet value, Unproven.Cause cause, Place place) {
    boolean comparable = cause == Unproven.Cause.GAP || extended > 0 || unproven != null;
    Digest contradicted = null;
    boolean jumps = false;
    for (int i = 0; i < value.size(); i++) {
      HashAlgorithm bank = value.at(i).algorithm();
      Chain chain = chain(bank);
      boolean replayed = !lacking.containsKey(bank);
      if (comparable && replayed && contradicted == null && !chain.is(before.at(i).value())) {
        contradicted = chain.value();
      }
      jumps |= !replayed || !chain.is(value.at(i).value());
      set(bank, value.at(i).value());
    }
    endBanks(~banksOf(value), place.ref());
    known |= banksOf(value);
    if (jumps) {
      unproven = new Unproven(cause, place.ref());
    }
    return contradicted;
  }

  private void set(HashAlgorithm bank, Bytes value) {
    chain(bank).set(value);
    lacking.remove(bank);
    ended &= ~bit(bank);
    resumed &= ~bit(bank);
    for (DerivedBank bankDerived : derived) {
      if (bankDerived.target() == bank) {
        bankDerived.set(value);
      }
    }
  }

  /** Sets PCR 0 to what TPM2_Startup at {@code locality} leaves there. */
  void startAt(int locality) {
    start.locality(locality);
    chains.values().forEach(chain -> chain.set(start.of(chain.bank())));
  }

  RegisterId id() {
    return id;
  }

  RecnumCheck.Counter recnums() {
    return recnums;
  }

  /** Returns how many records extend it. */
  long extended() {
    return extended;
  }

  @Nullable Unproven unproven() {
    return unproven;
  }

  /** Returns the banks that the log says something about, ascending. */
  List<HashAlgorithm> banks() {
    List<HashAlgorithm> banks = new ArrayList<>();
    for (HashAlgorithm bank : BANKS) {
      if (chains.containsKey(bank) || (resumed & bit(bank)) != 0) {
        banks.add(bank);
      }
    }
    return banks;
  }

  /** Returns the record at which the replay of {@code bank} ended, or null if it did not. */
  @Nullable RecordRef lacking(HashAlgorithm bank) {
    RecordRef ref = lacking.get(bank);
    return ref == null && !chains.containsKey(bank) ? firstOrdinary : ref;
  }

  /**
   * Returns whether {@link #shown} is all that the log says was extended into {@code bank}: no
   * record has a digest of it after one that lacks it.
   */
  boolean isWhole(HashAlgorithm bank) {
    return (resumed & bit(bank)) == 0 && chains.containsKey(bank);
  }

  /** Returns whether IMA lists extend the register and none of them shows {@code bank}. */
  boolean isDerived(HashAlgorithm bank) {
    return imaShown != 0 && (imaShown & bit(bank)) == 0;
  }

  /** Returns the chains of {@code bank} as derived from each list, own rule first. */
  List<DerivedBank> derived(HashAlgorithm bank) {
    return derived.stream()
        .filter(d -> d.target() == bank && !lacking.containsKey(d.source()))
        .toList();
  }

  /** Returns the chain of {@code bank} as the records show it. */
  Chain shown(HashAlgorithm bank) {
    return chain(bank);
  }
}
