package dev.cairn.cli;

import dev.cairn.cli.client.Answer;
import dev.cairn.cli.client.HttpClient;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cairn log}: the committed log, whole or as it grows. */
@Command(
    name = "log",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Fetches the log, or shows it. On a terminal it is shown as text, one line per",
      "record; into a file or a pipe it goes as cel-tlv.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cairn log",
      "  cairn log --follow --register rtmr2",
      "  cairn log --format cel-json -o log.json",
      "",
      "Exit status: 0 done; 1 refused; 69 the service cannot be reached."
    })
final class LogCommand implements Callable<Integer> {
  private static final String TEXT = "text";
  private static final Duration FOLLOW_TIMEOUT = Duration.ofMinutes(2);

  @Spec private CommandSpec spec;
  @Mixin private ServiceOptions service;

  @Option(
      names = "--format",
      paramLabel = "F",
      description = {
        "text, cel-tlv, cel-json, cel-json-seq, cel-cbor, cel-cbor-seq or tcg2",
        "(text on a terminal, else cel-tlv)"
      })
  private @Nullable String format;

  @Option(names = "--json", description = "same as --format cel-json; with --follow one per line")
  private boolean json;

  @Option(names = "--register", paramLabel = "R", description = "only records of this register")
  private @Nullable String register;

  @Option(
      names = "--from",
      paramLabel = "N",
      defaultValue = "0",
      description = "first record: its position, or with --register its number there")
  private long from;

  @Option(names = "--limit", paramLabel = "N", description = "at most so many records")
  private @Nullable Long limit;

  @Option(names = "--follow", description = "go on showing records as they are committed")
  private boolean follow;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "where to; standard output if not given")
  private @Nullable String output;

  private final Console console;

  LogCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CommandException, IOException {
    RegisterId only = register == null ? null : register(register);
    if (from < 0 || (limit != null && limit < 1)) {
      throw wrong("--from and --limit: need numbers from 0 and from 1");
    }
    if (follow) {
      if (output != null || limit != null || (format != null && !format.equals(TEXT))) {
        throw wrong("--follow: prints text, or with --json JSON, on standard output only");
      }
      HttpClient patient = service.client(FOLLOW_TIMEOUT);
      new LogFollower(console, patient, only, json, from).run();
      return ExitStatus.OK;
    }
    String chosen = chosenFormat();
    if (chosen.equals(TEXT)) {
      show(only);
    } else {
      fetch(LogInputs.format(spec, "--format", chosen), only);
    }
    return ExitStatus.OK;
  }

  private String chosenFormat() {
    if (json && format != null && !format.equals(LogFormat.CEL_JSON.label())) {
      throw wrong("--json and --format " + format + ": choose one");
    }
    if (json) {
      return LogFormat.CEL_JSON.label();
    }
    if (format != null) {
      return format;
    }
    boolean person = output == null && console.outIsTerminal();
    return person ? TEXT : LogFormat.CEL_TLV.label();
  }

  private RegisterId register(String name) {
    return RegisterId.parse(name)
        .orElseThrow(
            () -> wrong("--register: '" + name + "': needs a name such as rtmr2 or pcr16"));
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private Answer get(LogFormat wanted, @Nullable RegisterId only)
      throws CommandException, IOException {
    String path =
        "/v1/log?format=%s&from=%d%s%s"
            .formatted(
                wanted.label(),
                from,
                only == null ? "" : "&register=" + only.name(),
                limit == null ? "" : "&limit=" + limit);
    Answer answer = service.client().get(path, Map.of());
    if (!answer.successful()) {
      try (answer) {
        throw ServiceOptions.refusal(answer, null);
      }
    }
    return answer;
  }

  private void fetch(LogFormat wanted, @Nullable RegisterId only)
      throws CommandException, IOException {
    try (Answer answer = get(wanted, only);
        OutputFile out = OutputFile.open(console, output)) {
      long length = answer.header("content-length").map(Long::parseLong).orElse(0L);
      try (Progress progress = new Progress(console, "log", length)) {
        progress.counting(answer.body()).transferTo(out.stream());
      }
      out.complete();
    }
  }

  private void show(@Nullable RegisterId only) throws CommandException, IOException {
    ReadOptions options = ReadOptions.DEFAULT.withFormat(LogFormat.CEL_TLV);
    try (Answer answer = get(LogFormat.CEL_TLV, only);
        EventReader reader = EventLogs.open(answer.body(), options)) {
      for (EventRecord record = reader.next(); record != null; record = reader.next()) {
        console.println(RecordText.line(record));
      }
    }
  }
}
