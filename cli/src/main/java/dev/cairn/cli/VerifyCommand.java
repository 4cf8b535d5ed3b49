package dev.cairn.cli;

import dev.cairn.eventlog.Limits;
import dev.cairn.evidence.EvidenceOptions;
import dev.cairn.evidence.EvidenceReport;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.LogDamage;
import dev.cairn.replay.LogSource;
import dev.cairn.replay.RegisterValues;
import dev.cairn.replay.Replay;
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
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
      "measured, and whether the values are genuine, a quote has to show: with --quote",
      "it verifies the evidence of 'cairn evidence', or a quote of TDX beside the logs",
      "that explain it, and says what is not proven.",
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
      "  cairn verify --quote evidence.json --nonce 5d0c…e1 --key ak.pem",
      "  cairn verify log.cel --quote without-log.json --nonce 5d0c…e1",
      "  cairn verify CCEL --quote quote.dat --nonce 5d0c…e1",
      "",
      "Exit status: 0 every given register matches, the evidence is good; 1 it is not, or",
      "a record is wrong; 2 a log is damaged, or log, values or evidence are not usable."
    })
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private LogInputs inputs;

  @Parameters(arity = "0..*", paramLabel = "FILE", description = "logs; - is standard input")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--values",
      paramLabel = "VALUES.json",
      description = "what the registers hold; - is standard input")
  private @Nullable String values;

  @Mixin private QuoteInputs quote;

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
    if ((values == null) == !quote.given()) {
      throw wrong("needs one of --values VALUES.json and --quote EVIDENCE");
    }
    return values == null ? verifyEvidence() : verifyValues(values);
  }

  private int verifyValues(String name) throws CommandException, IOException {
    quote.refuseWithoutQuote();
    if (files.isEmpty()) {
      throw wrong("FILE: needs at least one log to compare with " + name);
    }
    if (name.equals("-") && files.contains("-")) {
      throw wrong("-: standard input can be read once only: log or values");
    }
    RegisterValues expected = expected(name);
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

  private int verifyEvidence() throws CommandException, IOException {
    if (!only.isEmpty() || allowTail) {
      throw wrong("--only, --allow-tail: are for --values; see --require");
    }
    if (files.size() > 1) {
      throw wrong("FILE: evidence belongs to one log; give others with --firmware-log");
    }
    List<String> names = new ArrayList<>(files);
    names.addAll(quote.names());
    if (names.stream().filter("-"::equals).count() > 1) {
      throw wrong("-: standard input can be read once only");
    }
    List<LogInput> logs = new ArrayList<>();
    try (GivenQuote given = quote.read(console)) {
      logs.addAll(inputs.open(console, files));
      EvidenceOptions options =
          new EvidenceOptions(
              quote.nonce(),
              quote.key(),
              quote.required(),
              quote.allowEmulator(),
              allowGaps,
              logs.stream().<LogSource>map(log -> log).findFirst(),
              quote.foreignLogs(console, logs),
              quote.trust());
      EvidenceReport report = given.verify(options);
      PrintedEvidence printed = new PrintedEvidence(given, report);
      print(printed::writeMembers, printed.lines());
      return status(report.ok(), report.logs().map(VerificationReport::replay));
    } finally {
      for (LogInput log : logs) {
        log.close();
      }
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private RegisterValues expected(String name) throws CommandException, IOException {
    RegisterValues given;
    try (InputStream in = name.equals("-") ? console.in() : Files.newInputStream(Path.of(name))) {
      given = RegisterValues.read(in, Limits.DEFAULT);
    } catch (IOException e) {
      String line = ErrorReport.line(e);
      String message = line.startsWith(name) ? line : name + ": " + line;
      throw new CommandException(ExitStatus.UNUSABLE_INPUT, message, e);
    }
    if (only.isEmpty()) {
      return given;
    }
    Map<RegisterId, DigestSet> wanted = new HashMap<>();
    for (String register : only) {
      RegisterId id = RegisterId.parse(register).orElse(null);
      if (id == null || !given.asMap().containsKey(id)) {
        throw wrong(
            "--only: '%s': needs registers that %s has: %s"
                .formatted(register, name, given.asMap().keySet()));
      }
      wanted.put(id, given.asMap().getOrDefault(id, DigestSet.EMPTY));
    }
    return RegisterValues.of(wanted);
  }

  private int report(VerificationReport report) throws IOException {
    PrintedReport printed = new PrintedReport(report);
    print(printed::writeMembers, printed.lines());
    return status(report.ok(), Optional.of(report.replay()));
  }

  private void print(Json.Members members, List<String> lines) throws IOException {
    if (json) {
      Json.print(console, members);
    } else {
      for (String line : lines) {
        console.println(line);
      }
    }
  }

  private int status(boolean ok, Optional<Replay> replay) throws IOException {
    LogDamage damage = replay.flatMap(Replay::damage).orElse(null);
    if (damage == null) {
      return ok ? ExitStatus.OK : ExitStatus.NO;
    }
    console.flush();
    console
        .err()
        .println(
            "cairn: %s: damaged at offset %d: %s"
                .formatted(damage.log(), damage.offset(), damage.reason()));
    return ExitStatus.UNUSABLE_INPUT;
  }
}
