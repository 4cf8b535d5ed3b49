package dev.cairn.backend.tpm;

import dev.cairn.backend.tpm.command.PcrAttribute;
import dev.cairn.backend.tpm.command.PcrAttributes;
import dev.cairn.backend.tpm.command.PcrSelection;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * What a TPM's own tables make of its PCRs: descriptors of all that are allocated, and a refusal
 * where one that Cairn is to extend cannot be extended.
 */
final class PcrTable {
  private static final int ZEROS = 0x00;
  private static final int ONES = 0xFF; // until a dynamic launch
  static final int MOST_PCRS = Integer.SIZE;

  private final PcrSelection allocation;
  private final PcrAttributes attributes;

  PcrTable(PcrSelection allocation, PcrAttributes attributes) {
    this.allocation = allocation;
    this.attributes = attributes;
  }

  /**
   * Returns all PCRs that a bank has, ascending.
   *
   * @param owned those that Cairn extends
   * @param allowResettable whether they may be ones that software can reset
   * @throws BackendException NOT_EXECUTED if one of {@code owned} cannot be extended; all reasons
   *     are named
   */
  List<RegisterDescriptor> registers(SortedSet<RegisterId> owned, boolean allowResettable)
      throws BackendException {
    List<String> problems = problems(owned, allowResettable);
    if (!problems.isEmpty()) {
      throw new BackendException(
          null, Outcome.NOT_EXECUTED, "open", String.join("; ", problems), null);
    }
    List<RegisterDescriptor> registers = new ArrayList<>();
    for (int pcr = 0; pcr < MOST_PCRS; pcr++) {
      List<HashAlgorithm> banks = banks(pcr);
      if (!banks.isEmpty()) {
        RegisterId id = RegisterId.pcr(pcr);
        registers.add(
            new RegisterDescriptor(
                id,
                banks,
                DigestSet.filled(banks, filler(attributes, pcr)),
                owned.contains(id) ? Optional.empty() : Optional.of(reason(pcr, owned)),
                attributes.has(pcr, PcrAttribute.RESETTABLE)));
      }
    }
    return List.copyOf(registers);
  }

  /** Returns the banks that {@code pcr} has, ascending. */
  List<HashAlgorithm> banks(int pcr) {
    List<HashAlgorithm> banks = new ArrayList<>();
    for (HashAlgorithm bank : HashAlgorithm.values()) {
      if (allocation.contains(bank, pcr)) {
        banks.add(bank);
      }
    }
    return List.copyOf(banks);
  }

  /** Returns the byte of which {@code pcr} is full after a cold boot. */
  static int filler(PcrAttributes attributes, int pcr) {
    return attributes.has(pcr, PcrAttribute.DRTM) ? ONES : ZEROS;
  }

  /** Returns why Cairn cannot extend {@code owned} as it has to; empty if it can. */
  List<String> problems(SortedSet<RegisterId> owned, boolean allowResettable) {
    List<String> problems = new ArrayList<>();
    for (PcrSelection.Bank bank : allocation.banks()) {
      if (bank.size() > 0 && bank.algorithm().isEmpty()) { // its log could be made up later
        problems.add(
            "the TPM has an active bank of algorithm 0x%04x, which Cairn cannot compute and would leave"
                    .formatted(bank.algorithmId())
                + " open to others: deactivate it (tpm2_pcrallocate) and reboot");
      }
    }
    for (RegisterId id : owned) {
      Optional<String> problem =
          id.index() >= MOST_PCRS
              ? Optional.of("there is no such PCR")
              : problem((int) id.index(), allowResettable);
      problem.ifPresent(text -> problems.add("setting 'registers': %s: %s".formatted(id, text)));
    }
    return problems;
  }

  private Optional<String> problem(int pcr, boolean allowResettable) {
    if (banks(pcr).isEmpty()) {
      return Optional.of("not in any active bank of this TPM");
    }
    if (!attributes.has(pcr, PcrAttribute.EXTENDABLE)) {
      return Optional.of(otherLocality(pcr));
    }
    if (attributes.has(pcr, PcrAttribute.RESETTABLE) && !allowResettable) {
      return Optional.of(
          "every process that may use the TPM can reset it, and so remove events:"
              + " for development only, with 'allow-resettable'");
    }
    return Optional.empty();
  }

  private String otherLocality(int pcr) {
    return attributes.has(pcr, PcrAttribute.DRTM)
        ? "belongs to the dynamic launch; locality 0, which user space has, cannot extend it"
        : "locality 0, which user space has, cannot extend it";
  }

  private String reason(int pcr, SortedSet<RegisterId> owned) {
    if (!attributes.has(pcr, PcrAttribute.EXTENDABLE)) {
      return otherLocality(pcr);
    }
    String user = PcrConvention.userOf(pcr);
    return "not Cairn's by configuration (registers: %s)%s"
        .formatted(
            owned.isEmpty()
                ? "none"
                : String.join(",", owned.stream().map(RegisterId::name).toList()),
            user.isEmpty() ? "" : "; used by " + user);
  }
}
