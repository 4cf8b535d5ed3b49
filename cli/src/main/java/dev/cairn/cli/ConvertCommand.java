package dev.cairn.cli;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.UnrepresentableRecordException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cairn convert}: one format of event log into another. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes a log in another format. The input is recognised by its bytes. What the",
      "new format cannot say is not dropped silently: the conversion is refused, unless",
      "--lossy accepts the loss; then it is counted.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cairn convert /sys/kernel/security/ima/binary_runtime_measurements \\",
      "                --to cel-json -o ima.json",
      "  cairn convert log.cel --to tcg2 --lossy -o log.tcg2",
      "",
      "Exit status: 0 converted; 1 something would be lost; 2 the log is damaged or of",
      "a format that is not read. Unless it is 0, no output file is left."
    })
final class ConvertCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private LogInputs inputs;

  @Parameters(paramLabel = "FILE", description = "the log; - is standard input")
  private String file = "-";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "F",
      description = "cel-tlv, cel-json, cel-json-seq, cel-cbor, cel-cbor-seq or tcg2")
  private String to = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      description = "where to; standard output if not given")
  private @Nullable String output;

  @Option(names = "--lossy", description = "leave out what the format cannot say, and count it")
  private boolean lossy;

  @Option(names = "--json", description = "print what was done as JSON (with -o)")
  private boolean json;

  private final Console console;

  ConvertCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CommandException, IOException {
    LogFormat target = LogInputs.format(spec, "--to", to);
    if (json && (output == null || output.equals("-"))) {
      throw new ParameterException(
          spec.commandLine(), "--json: needs -o FILE: standard output holds the log");
    }
    Conversion conversion = new Conversion(target, lossy);
    try (LogInput input = inputs.open(console, List.of(file)).get(0);
        EventReader reader = input.open();
        OutputFile out = OutputFile.open(console, output)) {
      conversion.run(reader, out.stream());
      out.complete();
      report(reader.format(), target, conversion);
      return ExitStatus.OK;
    } catch (UnrepresentableRecordException e) {
      throw new CommandException(
          ExitStatus.NO,
          "conversion would lose something: "
              + ErrorReport.line(e)
              + ": --lossy leaves out what cannot be said; nothing was written",
          e);
    } catch (MalformedLogException e) {
      throw new CommandException(
          ExitStatus.UNUSABLE_INPUT, file + ": damaged: " + ErrorReport.line(e), e);
    }
  }

  private void report(LogFormat source, LogFormat target, Conversion done) throws IOException {
    for (Map.Entry<String, Long> loss : done.losses().entrySet()) {
      console.err().println("cairn: lost: %d × %s".formatted(loss.getValue(), loss.getKey()));
    }
    if (!json) {
      return;
    }
    Json.print(
        console,
        out -> {
          out.writeStringField("from", source.label());
          out.writeStringField("to", target.label());
          out.writeNumberField("records_read", done.read());
          out.writeNumberField("records_written", done.written());
          out.writeObjectFieldStart("lost");
          for (Map.Entry<String, Long> loss : done.losses().entrySet()) {
            out.writeNumberField(loss.getKey(), loss.getValue());
          }
          out.writeEndObject();
        });
  }
}
