package dev.cairn.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.Finding;
import dev.cairn.replay.LogDamage;
import dev.cairn.replay.Replay;
import dev.cairn.replay.Replayer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cairn replay}: the register values that logs replay to. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prints the register values that logs replay to. Several logs are replayed one",
      "after the other, as one history. Needs no service.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cairn replay /sys/kernel/security/tpm0/binary_bios_measurements \\",
      "               /sys/kernel/security/ima/binary_runtime_measurements",
      "  curl -s localhost:8006/v1/log | cairn replay - --json",
      "",
      "Exit status: 0 replayed to the end; 2 a log is damaged or of a format that is",
      "not read: the values of the good records are printed all the same."
    })
final class ReplayCommand implements Callable<Integer> {
  @Mixin private LogInputs inputs;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "logs; - is standard input")
  private List<String> files = new ArrayList<>();

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  private final Console console;

  ReplayCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    List<LogInput> logs = inputs.open(console, files);
    try {
      Replay replay = Replayer.replay(List.copyOf(logs), Limits.DEFAULT);
      if (json) {
        Json.print(console, out -> write(out, replay));
      } else {
        print(replay);
      }
      return replay.complete() ? ExitStatus.OK : ExitStatus.UNUSABLE_INPUT;
    } finally {
      for (LogInput log : logs) {
        log.close();
      }
    }
  }

  private static void write(JsonGenerator out, Replay replay) throws IOException {
    Optional<LogDamage> damage = replay.damage();
    out.writeStringField("format", label(replay));
    out.writeNumberField("records", replay.records());
    out.writeNumberField("not_extended", replay.notExtended());
    out.writeBooleanField("complete", replay.complete());
    out.writeFieldName("error");
    if (damage.isEmpty()) {
      out.writeNull();
    } else {
      out.writeStartObject();
      out.writeNumberField("offset", damage.get().offset());
      out.writeStringField("reason", damage.get().reason());
      out.writeEndObject();
    }
    replay.values().writeMembers(out);
  }

  private static String label(Replay replay) {
    return replay.format().map(LogFormat::label).orElse("none");
  }

  private void print(Replay replay) throws IOException {
    for (Map.Entry<RegisterId, DigestSet> register : replay.values().asMap().entrySet()) {
      String name = register.getKey().name();
      for (Digest digest : register.getValue()) {
        boolean derived =
            replay
                .derived()
                .getOrDefault(register.getKey(), java.util.Set.of())
                .contains(digest.algorithm());
        console.println(
            "%-9s %-8s %s%s"
                .formatted(
                    name,
                    digest.algorithm().bank(),
                    digest.value(),
                    derived ? "  (derived: no record shows this bank)" : ""));
        name = "";
      }
    }
    console.println(
        "%s: %d records, %d of them not extended"
            .formatted(label(replay), replay.records(), replay.notExtended()));
    printRemarks(replay);
  }

  private void printRemarks(Replay replay) throws IOException {
    for (Replay.Uncovered bank : replay.uncovered()) {
      console.println(
          "not replayed: %s %s: %s has no digest of it"
              .formatted(bank.register(), bank.bank().bank(), bank.record()));
    }
    for (RegisterId register : replay.unproven().keySet()) {
      console.println("not proven: " + register + ": " + replay.unproven().get(register));
    }
    for (Finding finding : replay.findings()) {
      console.println("wrong: " + finding);
    }
    long more = replay.findingCount() - replay.findings().size();
    if (more > 0) {
      console.println("wrong: " + more + " more findings");
    }
    if (replay.damage().isPresent()) {
      LogDamage damage = replay.damage().get();
      console.flush();
      console
          .err()
          .println(
              "cairn: %s: damaged at offset %d: %s"
                  .formatted(damage.log(), damage.offset(), damage.reason()));
    }
  }
}
