package dev.cairn.backend.tpm.quote;

import dev.cairn.backend.tpm.command.PcrSelection;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which PCRs of which banks a quote is to show.
 *
 * <pre>
 * asked for       registers                 banks
 * nothing         all                       the preferred one; of registers that Cairn extends, all
 * registers       exactly these             likewise
 * banks           all, or those asked for   exactly these
 * </pre>
 *
 * <p>The preferred bank is sha256, or the first that a PCR has. Registers of Cairn's are shown in
 * every bank: a bank that is not shown could hold anything.
 */
final class QuotePlan {
  private static final HashAlgorithm PREFERRED = HashAlgorithm.SHA256;

  private final SortedMap<RegisterId, Set<HashAlgorithm>> wanted;

  private QuotePlan(SortedMap<RegisterId, Set<HashAlgorithm>> wanted) {
    this.wanted = wanted;
  }

  /**
   * Makes the plan for {@code request}.
   *
   * @param registers all that the TPM has
   * @throws BackendException NOT_EXECUTED if a register or bank is asked for that it does not have
   */
  static QuotePlan of(QuoteRequest request, Collection<RegisterDescriptor> registers)
      throws BackendException {
    Map<RegisterId, RegisterDescriptor> known = new HashMap<>();
    registers.forEach(register -> known.put(register.id(), register));
    Set<RegisterId> asked = request.registers().isEmpty() ? known.keySet() : request.registers();
    SortedMap<RegisterId, Set<HashAlgorithm>> wanted = new TreeMap<>();
    for (RegisterId id : asked) {
      RegisterDescriptor register = known.get(id);
      if (register == null) {
        throw refusal(id, "this TPM has no such PCR: it has " + new TreeMap<>(known).keySet());
      }
      wanted.put(id, banks(request, register));
    }
    return new QuotePlan(wanted);
  }

  private static Set<HashAlgorithm> banks(QuoteRequest request, RegisterDescriptor register)
      throws BackendException {
    if (!request.banks().isEmpty()) {
      if (!register.banks().containsAll(request.banks())) {
        throw refusal(
            register.id(),
            "banks %s asked for, of which it has only %s: ask for some of these, or for none"
                .formatted(names(request.banks()), names(register.banks())));
      }
      return EnumSet.copyOf(request.banks());
    }
    if (register.notExtendable().isEmpty()) {
      return EnumSet.copyOf(register.banks());
    }
    return EnumSet.of(register.banks().contains(PREFERRED) ? PREFERRED : register.banks().get(0));
  }

  private static List<String> names(Collection<HashAlgorithm> banks) {
    return banks.stream().map(HashAlgorithm::bank).toList();
  }

  private static BackendException refusal(RegisterId register, String why) {
    return new BackendException(register, Outcome.NOT_EXECUTED, "quote", why, null);
  }

  /** Returns the banks of each register. */
  SortedMap<RegisterId, Set<HashAlgorithm>> wanted() {
    return wanted;
  }

  /** Returns what to ask the TPM for: banks ascending. */
  PcrSelection selection() {
    Map<HashAlgorithm, Integer> bitmaps = new EnumMap<>(HashAlgorithm.class);
    wanted.forEach(
        (register, banks) ->
            banks.forEach(
                bank ->
                    bitmaps.merge(bank, 1 << (int) register.index(), (one, other) -> one | other)));
    List<PcrSelection.Bank> entries = new ArrayList<>();
    bitmaps.forEach((bank, bitmap) -> entries.add(new PcrSelection.Bank(bank.tpmId(), bitmap)));
    return new PcrSelection(entries);
  }
}
