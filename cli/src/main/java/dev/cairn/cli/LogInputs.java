package dev.cairn.cli;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the user says about logs that their bytes do not tell. */
final class LogInputs {
  private static final String AUTO = "auto";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = AUTO,
      description = {
        "format of the log (recognised by its bytes): cel-tlv, cel-json,",
        "cel-json-seq, cel-cbor, cel-cbor-seq, tcg2, ima"
      })
  private String format = AUTO;

  @Option(
      names = "--numbering",
      paramLabel = "KIND",
      description = "what the numbers in a tcg2 log are: pcr or ccmr (told by its header)")
  private @Nullable String numbering;

  @Option(
      names = "--bank",
      paramLabel = "BANK",
      description = "whose digests an ima list holds, e.g. sha256 (found out by hashing)")
  private @Nullable String bank;

  /** Names one log or several. */
  List<LogInput> open(Console console, List<String> names) throws IOException {
    ReadOptions options = readOptions();
    if (names.stream().filter("-"::equals).count() > 1) {
      throw new ParameterException(spec.commandLine(), "-: standard input can be read once only");
    }
    List<LogInput> inputs = new ArrayList<>();
    for (String name : names) {
      inputs.add(LogInput.of(console, name, options));
    }
    return inputs;
  }

  private ReadOptions readOptions() {
    ReadOptions options = ReadOptions.DEFAULT;
    if (!format.equals(AUTO)) {
      options = options.withFormat(format(spec, "--format", format));
    }
    if (numbering != null) {
      options =
          options.withKind(
              switch (numbering) {
                case "pcr" -> RegisterId.Kind.PCR;
                case "ccmr" -> RegisterId.Kind.CCMR;
                default -> throw wrong(spec, "--numbering", numbering, "pcr or ccmr");
              });
    }
    if (bank != null) {
      String name = bank;
      options =
          options.withBank(
              HashAlgorithm.ofBank(name)
                  .orElseThrow(() -> wrong(spec, "--bank", name, "a bank such as sha256")));
    }
    return options;
  }

  /** Returns the format called {@code label}. */
  static LogFormat format(CommandSpec spec, String option, String label) {
    return LogFormat.ofLabel(label)
        .orElseThrow(
            () -> {
              List<String> labels = new ArrayList<>();
              for (LogFormat known : LogFormat.values()) {
                labels.add(known.label());
              }
              return wrong(spec, option, label, "one of " + String.join(", ", labels));
            });
  }

  private static ParameterException wrong(
      CommandSpec spec, String option, String given, String needed) {
    return new ParameterException(
        spec.commandLine(), "%s: '%s': needs %s".formatted(option, given, needed));
  }
}
