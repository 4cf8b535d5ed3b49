package dev.cairn.backend.tpm;

import dev.cairn.backend.tpm.TpmSettings.Place;
import dev.cairn.backend.tpm.command.PcrAttribute;
import dev.cairn.backend.tpm.command.PcrAttributes;
import dev.cairn.backend.tpm.command.PcrSelection;
import dev.cairn.backend.tpm.command.PcrSnapshot;
import dev.cairn.backend.tpm.command.Tpm;
import dev.cairn.backend.tpm.command.TpmException;
import dev.cairn.backend.tpm.command.TpmProperties;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a TPM says about itself, and what would become of the settings with it. Changes nothing and
 * starts nothing up.
 *
 * @param address where it is
 * @param properties maker and sizes
 * @param activeBanks names of the banks that hold values
 * @param idleBanks names of the banks that it could have, after a change of its allocation
 * @param pcrs all that an active bank has, ascending
 * @param owned registers that Cairn would extend
 * @param problems why {@code owned} cannot be extended; empty if they can
 */
public record TpmSurvey(
    String address,
    TpmProperties properties,
    List<String> activeBanks,
    List<String> idleBanks,
    List<Pcr> pcrs,
    List<RegisterId> owned,
    List<String> problems) {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  /**
   * One PCR.
   *
   * @param number 0 to 31
   * @param extendable by user space
   * @param resettable by user space
   * @param untouched whether it holds its reset value
   */
  public record Pcr(int number, boolean extendable, boolean resettable, boolean untouched) {}

  /**
   * Asks the TPM that {@code settings} name; waits two seconds at most for an answer.
   *
   * @param settings as for {@link TpmProvider#open}
   * @throws BackendException NOT_EXECUTED if a setting is unusable or the TPM does not answer
   */
  public static TpmSurvey take(Map<String, String> settings) throws BackendException {
    TpmSettings parsed = TpmSettings.of(settings, Path.of("/dev"));
    if (!(parsed.place() instanceof Place.Commands commands)) {
      throw refusal("sysfs shows values and answers no questions", null);
    }
    Duration wait = parsed.timeout().compareTo(LONGEST_WAIT) < 0 ? parsed.timeout() : LONGEST_WAIT;
    try (Tpm tpm = new Tpm(commands.address().connector(), wait)) {
      return take(tpm, parsed);
    } catch (TpmException e) {
      throw refusal(commands.address().toString(), e);
    }
  }

  private static TpmSurvey take(Tpm tpm, TpmSettings settings) throws TpmException {
    TpmProperties properties = tpm.properties();
    PcrSelection allocation = tpm.allocation();
    PcrAttributes attributes = tpm.pcrAttributes();
    PcrTable table = new PcrTable(allocation, attributes);
    return new TpmSurvey(
        tpm.address(),
        properties,
        names(allocation, true),
        names(allocation, false),
        pcrs(tpm, table, attributes),
        List.copyOf(settings.owned()),
        table.problems(settings.owned(), settings.allowResettable()));
  }

  private static List<String> names(PcrSelection allocation, boolean active) {
    return allocation.banks().stream()
        .filter(bank -> bank.size() > 0 == active)
        .map(
            bank ->
                bank.algorithm()
                    .map(HashAlgorithm::bank)
                    .orElse("0x%04x".formatted(bank.algorithmId())))
        .toList();
  }

  private static List<Pcr> pcrs(Tpm tpm, PcrTable table, PcrAttributes attributes)
      throws TpmException {
    List<Pcr> pcrs = new ArrayList<>();
    for (int pcr = 0; pcr < PcrTable.MOST_PCRS; pcr++) {
      List<HashAlgorithm> banks = table.banks(pcr);
      if (!banks.isEmpty()) {
        PcrSnapshot snapshot = tpm.read(PcrSelection.of(banks.subList(0, 1), List.of(pcr)));
        int filler = PcrTable.filler(attributes, pcr);
        pcrs.add(
            new Pcr(
                pcr,
                attributes.has(pcr, PcrAttribute.EXTENDABLE),
                attributes.has(pcr, PcrAttribute.RESETTABLE),
                snapshot.values().values().stream()
                    .allMatch(value -> value.at(0).value().isFilledWith(filler))));
      }
    }
    return List.copyOf(pcrs);
  }

  private static BackendException refusal(String detail, @Nullable TpmException cause) {
    return new BackendException(null, Outcome.NOT_EXECUTED, "survey", detail, cause);
  }
}
