package dev.cairn.cli.doctor;

import dev.cairn.backend.tpm.PcrConvention;
import dev.cairn.backend.tpm.TpmSurvey;
import dev.cairn.backend.tpm.command.ResponseCode;
import dev.cairn.backend.tpm.command.TpmException;
import dev.cairn.cli.doctor.Finding.Level;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.RegisterId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The TPM: whether it is there and may be used, who made it, what its registers can be used for,
 * and whether the configured ones can be extended. Asks it some dozen questions, and changes
 * nothing.
 */
final class TpmCheck {
  private static final String AREA = "tpm";
  private static final String ADDRESS = "tpm";
  private static final String SYSFS = "sysfs:";
  private static final String DEVICE = "device:";
  private static final List<String> NODES = List.of("dev/tpmrm0", "dev/tpm0");

  private final boolean wanted;
  private final List<Finding> findings = new ArrayList<>();

  private TpmCheck(boolean wanted) {
    this.wanted = wanted;
  }

  /**
   * Looks.
   *
   * @param root {@code /} but for tests
   * @param settings of the backend
   * @param wanted whether that backend is configured, so that its absence is bad
   */
  static List<Finding> look(Path root, Map<String, String> settings, boolean wanted) {
    TpmCheck check = new TpmCheck(wanted);
    boolean node = check.nodes(root);
    String address = settings.get(ADDRESS);
    if (address != null && address.startsWith(SYSFS)) {
      check.add("chip", Level.NOTE, address + ": registers are shown and none can be extended");
    } else if (node || address != null) {
      check.ask(settings);
    } else {
      check.add(
          "chip",
          wanted ? Level.BAD : Level.NOTE,
          "no TPM here: enable it in firmware or hypervisor, or name its address ('tpm')");
    }
    return check.findings;
  }

  private void add(String subject, Level level, String text) {
    findings.add(new Finding(AREA, subject, level, text));
  }

  private boolean nodes(Path root) {
    boolean any = false;
    for (String name : NODES) {
      Path node = root.resolve(name);
      if (Files.exists(node)) {
        any = true;
        boolean usable = Files.isReadable(node) && Files.isWritable(node);
        add(
            "node",
            usable ? Level.GOOD : level(Level.WARNING),
            usable
                ? node + ": may be used by this user"
                : node + ": not for this user: add it to the node's group (tss on most systems)");
      } else {
        add("node", Level.NOTE, node + ": not there");
      }
    }
    return any;
  }

  private Level level(Level otherwise) {
    return wanted ? Level.BAD : otherwise;
  }

  private void ask(Map<String, String> settings) {
    TpmSurvey survey;
    try {
      survey = TpmSurvey.take(settings);
    } catch (BackendException e) {
      unanswered(e, settings.getOrDefault(ADDRESS, DEVICE).startsWith(DEVICE));
      return;
    }
    add(
        "chip",
        Level.GOOD,
        "%s: %s %s, revision %.2f, firmware 0x%x"
            .formatted(
                survey.address(),
                survey.properties().manufacturer(),
                survey.properties().vendor(),
                survey.properties().revision().orElse(0) / 100.0,
                survey.properties().firmwareVersion()));
    banks(survey);
    registers(survey);
    owned(survey);
  }

  /** Behind a socket two answers are no fault: silence to a second client, and no startup yet. */
  private void unanswered(BackendException e, boolean device) {
    String text = String.valueOf(e.getMessage());
    if (!device && e.getCause() instanceof TpmException failure) {
      text = String.valueOf(failure.getMessage());
      if (failure.is(ResponseCode.INITIALIZE)) {
        add("chip", Level.NOTE, text + "; 'cairn serve' starts a TPM behind a socket up");
        return;
      }
      if (failure.outcome() == Outcome.UNKNOWN && failure.code().isEmpty()) {
        String cause = "; swtpm serves one client at a time: a daemon that runs would be that one";
        add("chip", Level.WARNING, text + cause);
        return;
      }
    }
    add("chip", level(Level.WARNING), text);
  }

  private void banks(TpmSurvey survey) {
    String active = String.join(", ", survey.activeBanks());
    add(
        "banks",
        survey.activeBanks().isEmpty() ? Level.BAD : Level.GOOD,
        survey.idleBanks().isEmpty()
            ? active
            : "%s; not allocated: %s".formatted(active, String.join(", ", survey.idleBanks())));
  }

  private void registers(TpmSurvey survey) {
    add("locality", Level.NOTE, "can be extended from here: " + names(survey, p -> p.extendable()));
    add("locality", Level.NOTE, "can be reset by software: " + names(survey, p -> p.resettable()));
    add(
        "untouched",
        Level.NOTE,
        "extended by nobody since the boot, and safe from resets: "
            + survey.pcrs().stream()
                .filter(p -> p.extendable() && !p.resettable() && p.untouched())
                .map(p -> "pcr%d (%s)".formatted(p.number(), PcrConvention.userOf(p.number())))
                .collect(Collectors.joining(", ")));
  }

  private static String names(TpmSurvey survey, Predicate<TpmSurvey.Pcr> which) {
    return survey.pcrs().stream()
        .filter(which)
        .map(pcr -> "pcr" + pcr.number())
        .collect(Collectors.joining(", "));
  }

  private void owned(TpmSurvey survey) {
    for (String problem : survey.problems()) {
      add("registers", level(Level.WARNING), problem);
    }
    if (!survey.problems().isEmpty()) {
      return;
    }
    for (RegisterId id : survey.owned()) {
      boolean untouched =
          survey.pcrs().stream().anyMatch(p -> p.number() == id.index() && p.untouched());
      add(
          "registers",
          Level.GOOD,
          "%s can be extended; by convention used by %s; %s"
              .formatted(
                  id,
                  PcrConvention.userOf((int) id.index()),
                  untouched ? "untouched so far" : "extended since the boot, by Cairn or others"));
    }
  }
}
