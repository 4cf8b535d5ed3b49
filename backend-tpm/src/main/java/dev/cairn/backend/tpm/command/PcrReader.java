package dev.cairn.backend.tpm.command;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * TPM2_PCR_Read. At most eight values come at a time, bank by bank in the order asked for; the
 * selection that comes with them says which.
 *
 * <pre>
 * command    u32 count   { u16 algorithm   u8 3   bitmap }
 * response   u32 update counter   selection, likewise   u32 count   { u16 length   digest }
 * </pre>
 */
final class PcrReader {
  private static final int MOST_DIGESTS = 8;
  private static final int MOST_ATTEMPTS = 5;

  private final Exchange exchange;
  private final CommandBuffer command;

  PcrReader(Exchange exchange, CommandBuffer command) {
    this.exchange = exchange;
    this.command = command;
  }

  /** The short way for one PCR: nothing but the values is allocated. */
  DigestSet read(int pcr, List<HashAlgorithm> banks) throws TpmException {
    int count = banks.size();
    command.begin(CommandCode.PCR_READ).u32(count);
    for (int i = 0; i < count; i++) {
      command.select(banks.get(i).tpmId(), 1 << pcr);
    }
    ResponseBuffer response = exchange.send(CommandCode.PCR_READ, command.end());
    response.u32(); // update counter
    boolean asAsked = response.u32AsCount(PcrSelection.MOST_BANKS) == count;
    for (int i = 0; asAsked && i < count; i++) {
      asAsked = response.u16() == banks.get(i).tpmId() && response.pcrs() == 1 << pcr;
    }
    if (!asAsked) {
      throw TpmException.unusable(
          CommandCode.PCR_READ,
          "pcr%d: not every one of the banks %s is allocated".formatted(pcr, banks));
    }
    if (response.u32AsCount(MOST_DIGESTS) != count) {
      throw response.malformed("not as many values as PCRs");
    }
    Digest[] values = new Digest[count];
    for (int i = 0; i < count; i++) {
      values[i] = value(response, banks.get(i));
    }
    response.end();
    return DigestSet.of(values);
  }

  PcrSnapshot read(PcrSelection selection) throws TpmException {
    for (PcrSelection.Bank bank : selection.banks()) {
      if (bank.algorithm().isEmpty()) {
        throw TpmException.unusable(
            CommandCode.PCR_READ,
            "bank 0x%04x: not one that Cairn knows".formatted(bank.algorithmId()));
      }
    }
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      Pages pages = readPages(selection);
      if (pages.firstCounter == pages.lastCounter) {
        return pages.snapshot(selection);
      }
    }
    throw TpmException.unusable(
        CommandCode.PCR_READ,
        "PCRs were extended during each of %d attempts to read all".formatted(MOST_ATTEMPTS));
  }

  private Pages readPages(PcrSelection selection) throws TpmException {
    Pages pages = new Pages();
    PcrSelection wanted = selection;
    do {
      command.begin(CommandCode.PCR_READ).selection(wanted);
      ResponseBuffer response = exchange.send(CommandCode.PCR_READ, command.end());
      PcrSelection given = pages.add(response, wanted);
      if (given.isEmpty()) {
        return pages; // what is left is not allocated
      }
      wanted = wanted.without(given);
    } while (!wanted.isEmpty());
    return pages;
  }

  /** A TPML_PCR_SELECTION. */
  static PcrSelection selection(ResponseBuffer response) throws TpmException {
    int count = response.u32AsCount(PcrSelection.MOST_BANKS);
    List<PcrSelection.Bank> banks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      banks.add(new PcrSelection.Bank(response.u16(), response.pcrs()));
    }
    try {
      return new PcrSelection(banks);
    } catch (IllegalArgumentException e) {
      throw response.malformed(String.valueOf(e.getMessage()));
    }
  }

  private static Digest value(ResponseBuffer response, HashAlgorithm bank) throws TpmException {
    Bytes value = response.sized(bank.sizeBytes());
    return new Digest(bank, value);
  }

  /** What came so far. */
  private static final class Pages {
    private final Map<Integer, List<Digest>> values = new TreeMap<>();
    private boolean begun;
    private long firstCounter;
    private long lastCounter;

    PcrSelection add(ResponseBuffer response, PcrSelection wanted) throws TpmException {
      lastCounter = response.unsigned32();
      if (!begun) {
        begun = true;
        firstCounter = lastCounter;
      }
      PcrSelection given = selection(response);
      if (!given.without(wanted).isEmpty()) {
        throw response.malformed("PCRs that were not asked for: " + given);
      }
      if (response.u32AsCount(MOST_DIGESTS) != given.size()) {
        throw response.malformed("not as many values as PCRs");
      }
      for (PcrSelection.Bank bank : given.banks()) {
        for (int pcrs = bank.pcrs(); pcrs != 0; pcrs &= pcrs - 1) {
          Digest value = value(response, bank.algorithm().orElseThrow());
          values
              .computeIfAbsent(Integer.numberOfTrailingZeros(pcrs), pcr -> new ArrayList<>())
              .add(value);
        }
      }
      response.end();
      return given;
    }

    PcrSnapshot snapshot(PcrSelection wanted) {
      SortedMap<Integer, DigestSet> sets = new TreeMap<>();
      values.forEach((pcr, digests) -> sets.put(pcr, DigestSet.of(digests)));
      List<PcrSelection.Bank> there = new ArrayList<>();
      for (PcrSelection.Bank bank : wanted.banks()) {
        int pcrs = 0;
        for (Map.Entry<Integer, DigestSet> entry : sets.entrySet()) {
          if (entry.getValue().find(bank.algorithm().orElseThrow()) != null) {
            pcrs |= 1 << entry.getKey();
          }
        }
        there.add(new PcrSelection.Bank(bank.algorithmId(), pcrs));
      }
      return new PcrSnapshot(lastCounter, new PcrSelection(there), sets);
    }
  }
}
