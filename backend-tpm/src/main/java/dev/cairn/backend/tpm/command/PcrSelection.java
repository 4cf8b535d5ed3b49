package dev.cairn.backend.tpm.command;

import dev.cairn.measure.HashAlgorithm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * PCRs of some banks, in the order in which a quote hashes them: bank by bank as listed, ascending
 * within a bank. As an answer: what there is.
 *
 * @param banks each algorithm at most once
 * @see "TPM 2.0 Library Part 2, TPML_PCR_SELECTION"
 */
public record PcrSelection(List<Bank> banks) {
  /** As many banks as a TPM can name. */
  static final int MOST_BANKS = 16;

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if an algorithm is there twice, or there are too many
   */
  public PcrSelection {
    banks = List.copyOf(banks);
    if (banks.size() > MOST_BANKS
        || banks.stream().map(Bank::algorithmId).distinct().count() != banks.size()) {
      throw new IllegalArgumentException(
          "%s: at most %d banks, each once".formatted(banks, MOST_BANKS));
    }
  }

  /** Selects {@code pcrs} in every one of {@code banks}, in their order. */
  public static PcrSelection of(Collection<HashAlgorithm> banks, Collection<Integer> pcrs) {
    int mask = mask(pcrs);
    return new PcrSelection(banks.stream().map(bank -> new Bank(bank.tpmId(), mask)).toList());
  }

  /** Returns how many values it names. */
  public int size() {
    return banks.stream().mapToInt(Bank::size).sum();
  }

  /** Returns whether it names none. */
  public boolean isEmpty() {
    return size() == 0;
  }

  /** Returns the PCRs of {@code algorithmId} as a bitmap, PCR 0 the lowest bit. */
  public int pcrs(int algorithmId) {
    for (Bank bank : banks) {
      if (bank.algorithmId() == algorithmId) {
        return bank.pcrs();
      }
    }
    return 0;
  }

  /** Returns whether it names {@code pcr} of {@code bank}. */
  public boolean contains(HashAlgorithm bank, int pcr) {
    return (pcrs(bank.tpmId()) >>> pcr & 1) != 0;
  }

  /** Returns what is here and not in {@code other}; the same banks in the same order. */
  PcrSelection without(PcrSelection other) {
    List<Bank> left = new ArrayList<>(banks.size());
    for (Bank bank : banks) {
      left.add(new Bank(bank.algorithmId(), bank.pcrs() & ~other.pcrs(bank.algorithmId())));
    }
    return new PcrSelection(left);
  }

  private static int mask(Collection<Integer> pcrs) {
    int mask = 0;
    for (int pcr : pcrs) {
      if (pcr < 0 || pcr >= Integer.SIZE) {
        throw new IllegalArgumentException("PCR " + pcr + ": there are 0 to 31");
      }
      mask |= 1 << pcr;
    }
    return mask;
  }

  /**
   * PCRs of one bank.
   *
   * @param algorithmId a TPM_ALG_ID, which may be one that Cairn does not know
   * @param pcrs as a bitmap, PCR 0 the lowest bit
   */
  public record Bank(int algorithmId, int pcrs) {
    /** Returns the algorithm, if Cairn knows it. */
    public Optional<HashAlgorithm> algorithm() {
      return HashAlgorithm.ofTpmId(algorithmId);
    }

    /** Returns how many PCRs. */
    public int size() {
      return Integer.bitCount(pcrs);
    }
  }
}
