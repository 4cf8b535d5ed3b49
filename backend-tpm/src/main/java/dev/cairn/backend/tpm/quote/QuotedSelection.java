package dev.cairn.backend.tpm.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * TPML_PCR_SELECTION: which PCRs of which banks, in an order that counts.
 *
 * <pre>
 * u32 entries | entries × { u16 hash | u8 bitmap length | bitmap, PCR n is bit n%8 of byte n/8 }
 * </pre>
 *
 * @param entries in the order of the TPM; one bank may occur more than once
 * @see "TPM 2.0 Library Part 2, TPML_PCR_SELECTION"
 */
record QuotedSelection(List<Entry> entries) {
  /** As many as a TPM that implements every hash algorithm of the TCG would need. */
  static final int MAX_ENTRIES = 16;

  /** PC Client TPMs have 24 PCRs; tpm2-tss allows 32. */
  private static final int MAX_BITMAP_BYTES = 4;

  /**
   * Some PCRs of one bank.
   *
   * @param bank which
   * @param bitmap PCR n is bit n
   */
  record Entry(HashAlgorithm bank, int bitmap) {
    int[] pcrs() {
      return IntStream.range(0, Integer.SIZE).filter(pcr -> (bitmap >>> pcr & 1) == 1).toArray();
    }
  }

  QuotedSelection {
    entries = List.copyOf(entries);
  }

  static QuotedSelection read(PartReader in) throws MalformedEvidenceException {
    long count = in.u32("count of the PCR selection");
    if (count > MAX_ENTRIES) {
      throw in.refuse("%d entries in the PCR selection, at most %d".formatted(count, MAX_ENTRIES));
    }
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(readEntry(in));
    }
    return new QuotedSelection(entries);
  }

  private static Entry readEntry(PartReader in) throws MalformedEvidenceException {
    HashAlgorithm bank = in.hash("bank of the PCR selection");
    int length = in.u8("length of the PCR bitmap");
    if (length > MAX_BITMAP_BYTES) {
      throw in.refuse("PCR bitmap of %d bytes, at most %d".formatted(length, MAX_BITMAP_BYTES));
    }
    int bitmap = 0;
    for (int i = 0; i < length; i++) {
      bitmap |= in.u8("PCR bitmap") << (Byte.SIZE * i);
    }
    return new Entry(bank, bitmap);
  }

  /** Returns the banks that are selected of each register. */
  SortedMap<RegisterId, Set<HashAlgorithm>> banks() {
    SortedMap<RegisterId, Set<HashAlgorithm>> banks = new TreeMap<>();
    for (Entry entry : entries) {
      for (int pcr : entry.pcrs()) {
        banks
            .computeIfAbsent(RegisterId.pcr(pcr), id -> EnumSet.noneOf(HashAlgorithm.class))
            .add(entry.bank());
      }
    }
    return banks;
  }

  /** Returns how {@code values} are not exactly what is selected; nothing if they are. */
  Optional<String> differenceTo(Map<RegisterId, DigestSet> values) {
    SortedMap<RegisterId, Set<HashAlgorithm>> selected = banks();
    if (selected.isEmpty()) {
      return Optional.of("no PCR was quoted");
    }
    SortedSet<RegisterId> all = new TreeSet<>(selected.keySet());
    all.addAll(values.keySet());
    for (RegisterId register : all) {
      Set<HashAlgorithm> quoted = selected.getOrDefault(register, Set.of());
      List<HashAlgorithm> given = values.getOrDefault(register, DigestSet.EMPTY).banks();
      if (!quoted.equals(Set.copyOf(given))) {
        return Optional.of(
            "%s: quoted in %s, values given in %s"
                .formatted(register, names(quoted), names(given)));
      }
    }
    return Optional.empty();
  }

  private static String names(Collection<HashAlgorithm> banks) {
    return banks.isEmpty()
        ? "no bank"
        : banks.stream().map(HashAlgorithm::bank).collect(Collectors.joining("+"));
  }

  /**
   * Returns the hash that a TPM puts into a quote: over the values in the order of the entries,
   * ascending by PCR within each. Nothing if {@code values} lacks one of them.
   */
  Optional<Digest> digest(HashAlgorithm hash, Map<RegisterId, DigestSet> values) {
    MessageDigest digest = hash.newDigest();
    Optional<List<Digest>> all = inOrder(values);
    all.ifPresent(list -> list.forEach(value -> value.value().feed(digest)));
    return all.map(list -> new Digest(hash, Bytes.owning(digest.digest())));
  }

  /** Returns the values in the order in which a TPM hashes them; nothing if one is lacking. */
  Optional<List<Digest>> inOrder(Map<RegisterId, DigestSet> values) {
    List<Digest> all = new ArrayList<>();
    for (Entry entry : entries) {
      for (int pcr : entry.pcrs()) {
        Digest value = values.getOrDefault(RegisterId.pcr(pcr), DigestSet.EMPTY).find(entry.bank());
        if (value == null) {
          return Optional.empty();
        }
        all.add(value);
      }
    }
    return Optional.of(all);
  }

  /** Returns e.g. {@code sha1:0,7+sha256:0,1,2}, as tpm2-tools take it. */
  @Override
  public String toString() {
    return entries.stream()
        .map(
            entry ->
                Arrays.stream(entry.pcrs())
                    .mapToObj(Integer::toString)
                    .collect(Collectors.joining(",", entry.bank().bank() + ":", "")))
        .collect(Collectors.joining("+"));
  }
}
