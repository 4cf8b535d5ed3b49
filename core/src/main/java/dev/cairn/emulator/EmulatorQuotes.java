package dev.cairn.emulator;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.QuoteSource;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Reports of the emulator: everything that a quote has but the signature.
 *
 * <p>As the hardware does: profile {@code tdx} shows all registers whatever is asked for, profile
 * {@code tpm} those that are asked for (all where none are), in SHA-256 if no bank is named.
 */
final class EmulatorQuotes implements QuoteSource {
  static final String TYPE = "emulator";

  private final EmulatorBackend backend;

  EmulatorQuotes(EmulatorBackend backend) {
    this.backend = backend;
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Quote quote(QuoteRequest request) throws BackendException {
    List<HashAlgorithm> banks = banks(request);
    SortedMap<RegisterId, DigestSet> shown = new TreeMap<>();
    for (Map.Entry<RegisterId, DigestSet> entry :
        backend.readAtOnce(registers(request)).entrySet()) {
      List<Digest> digests = new ArrayList<>();
      for (HashAlgorithm bank : banks) {
        entry.getValue().get(bank).ifPresent(digests::add);
      }
      shown.put(entry.getKey(), DigestSet.of(digests));
    }
    EmulatorReport report = new EmulatorReport(request.nonce(), shown);
    return Quote.of(TYPE, Map.of(EmulatorReport.PART, report.encode()), shown);
  }

  private SortedSet<RegisterId> registers(QuoteRequest request) {
    SortedSet<RegisterId> registers = new TreeSet<>(request.registers());
    if (registers.isEmpty() || backend.profile() == EmulatorProfile.TDX) {
      for (RegisterDescriptor register : backend.registers()) {
        registers.add(register.id());
      }
    }
    return registers; // one that there is not is refused by name when it is read
  }

  private List<HashAlgorithm> banks(QuoteRequest request) throws BackendException {
    List<HashAlgorithm> active = backend.profile().banks();
    if (request.banks().isEmpty()) {
      return active.contains(HashAlgorithm.SHA256) ? List.of(HashAlgorithm.SHA256) : active;
    }
    for (HashAlgorithm bank : request.banks()) {
      if (!active.contains(bank)) {
        throw new BackendException(
            null,
            Outcome.NOT_EXECUTED,
            "quote",
            "banks: %s: profile %s has %s"
                .formatted(
                    bank.bank(),
                    backend.profile().profileName(),
                    active.stream().map(HashAlgorithm::bank).toList()),
            null);
      }
    }
    return List.copyOf(request.banks());
  }
}
