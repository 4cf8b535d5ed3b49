package dev.cairn.cli;

import dev.cairn.eventlog.Limits;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.LogDamage;
import dev.cairn.replay.RegisterValues;
import dev.cairn.replay.VerificationReport;
import dev.cairn.replay.Verifier;
import dev.cairn.replay.VerifyOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cairn verify}: compares logs with register values. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares logs with register values, in every bank that is given; where they",
      "differ, looks for the record that is to blame. Checks every digest that the log's",
      "own content can prove. Needs no service, and vouches for nothing beyond that: who",
      "measured, and whether the values are genuine, a quote has to show.",
      ""
    },
    footer = {
      "",
      "VALUES.json is what 'cairn replay --json' prints: \"registers\" says how the",
      "registers are numbered, and there is one object per bank:",
      "  {\"registers\": \"pcr\", \"sha256\": {\"0\": \"<hex>\", \"10\": \"<hex>\"}}",
      "",
      "Examples:",
      "  cairn verify binary_bios_measurements binary_runtime_measurements \\",
      "               --values pcrs.json",
      "  cairn log --format cel-tlv | cairn verify - --values quoted.json --json",
      "",
      "Exit status: 0 every given register matches; 1 one does not, or a record is",
      "wrong; 2 a log is damaged, or log or values are not usable."
    })
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private LogInputs inputs;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "logs; - is standard input")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--values",
      required = true,
      paramLabel = "VALUES.json",
      description = "what the registers hold; - is standard input")
  private String values = "";

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "REGISTER",
      description = "compare only these of the given registers, e.g. pcr0,pcr7")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--allow-tail",
      description = "accept registers that hold the value before the log's last records")
  private boolean allowTail;

  @Option(
      names = "--allow-gaps",
      description = "accept registers whose log admits that something is missing")
  private boolean allowGaps;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  private final Console console;

  VerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CommandException, IOException {
    if (values.equals("-") && files.contains("-")) {
      throw new ParameterException(
          spec.commandLine(), "-: standard input can be read once only: log or values");
    }
    RegisterValues expected = expected();
    List<LogInput> logs = inputs.open(console, files);
    try {
      VerifyOptions options = new VerifyOptions(allowTail, allowGaps);
      return report(Verifier.verify(List.copyOf(logs), expected, options, Limits.DEFAULT));
    } finally {
      for (LogInput log : logs) {
        log.close();
      }
    }
  }

  private RegisterValues expected() throws CommandException, IOException {
    RegisterValues given;
    try (InputStream in =
        values.equals("-") ? console.in() : Files.newInputStream(Path.of(values))) {
      given = RegisterValues.read(in, Limits.DEFAULT);
    } catch (IOException e) {
      String line = ErrorReport.line(e);
      String message = line.startsWith(values) ? line : values + ": " + line;
      throw new CommandException(ExitStatus.UNUSABLE_INPUT, message, e);
    }
    if (only.isEmpty()) {
      return given;
    }
    Map<RegisterId, DigestSet> wanted = new HashMap<>();
    for (String name : only) {
      RegisterId id = RegisterId.parse(name).orElse(null);
      if (id == null || !given.asMap().containsKey(id)) {
        throw new ParameterException(
            spec.commandLine(),
            "--only: '%s': needs registers that %s has: %s"
                .formatted(name, values, given.asMap().keySet()));
      }
      wanted.put(id, given.asMap().getOrDefault(id, DigestSet.EMPTY));
    }
    return RegisterValues.of(wanted);
  }

  private int report(VerificationReport report) throws IOException {
    PrintedReport printed = new PrintedReport(report);
    if (json) {
      Json.print(console, printed::writeMembers);
    } else {
      for (String line : printed.lines()) {
        console.println(line);
      }
    }
    if (report.ok()) {
      return ExitStatus.OK;
    }
    if (report.replay().damage().isEmpty()) {
      return ExitStatus.NO;
    }
    LogDamage damage = report.replay().damage().get();
    console.flush();
    console
        .err()
        .println(
            "cairn: %s: damaged at offset %d: %s"
                .formatted(damage.log(), damage.offset(), damage.reason()));
    return ExitStatus.UNUSABLE_INPUT;
  }
}
