package dev.cairn.cli;

import dev.cairn.backend.tdx.TdxProvider;
import dev.cairn.backend.tpm.TpmProvider;
import dev.cairn.cli.client.Answer;
import dev.cairn.cli.config.Configuration;
import dev.cairn.cli.config.ConfigurationException;
import dev.cairn.cli.config.Key;
import dev.cairn.cli.doctor.Examination;
import dev.cairn.cli.doctor.Finding;
import dev.cairn.cli.doctor.Finding.Level;
import dev.cairn.measure.BackendProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cairn doctor}: what there is, and what would work. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Says what there is on this machine and what would work: Java, the class-data",
      "archive, the configuration, the state folder, devices, and whether the service",
      "answers. Only looks.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cairn doctor",
      "  cairn doctor --config ./cairn.toml --json",
      "",
      "Exit status: 0 nothing is in the way of 'cairn serve'; 1 something is."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int MAX_BYTES = 1 << 20;

  @Mixin private ServiceOptions service;

  @Option(names = "--config", paramLabel = "FILE", description = "configuration file to look at")
  private @Nullable Path config;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "state folder, instead of the configured one")
  private @Nullable String state;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  private final Console console;

  DoctorCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    List<Finding> findings = new ArrayList<>();
    Optional<Configuration> configuration = configuration(findings);
    findings.addAll(
        Examination.run(
            Path.of(System.getProperty("cairn.home", ".")),
            Boolean.getBoolean("cairn.archive"),
            configuration
                .map(Backends::state)
                .orElseGet(
                    () -> Path.of(state == null ? Key.STATE.fallback().orElseThrow() : state)),
            configuration.flatMap(found -> found.text(Key.BACKEND)),
            settings(configuration, new TdxProvider()),
            settings(configuration, new TpmProvider())));
    findings.add(answering());
    if (json) {
      printJson(findings);
    } else {
      for (Finding finding : findings) {
        console.println(
            "%-7s %-8s %-18s %s"
                .formatted(
                    finding.level().name().toLowerCase(Locale.ROOT),
                    finding.area(),
                    finding.subject(),
                    finding.text()));
      }
    }
    return findings.stream().anyMatch(finding -> finding.level() == Level.BAD)
        ? ExitStatus.NO
        : ExitStatus.OK;
  }

  private static Map<String, String> settings(
      Optional<Configuration> configuration, BackendProvider provider) {
    return configuration.map(found -> Backends.settings(provider, found)).orElse(Map.of());
  }

  private Optional<Configuration> configuration(List<Finding> findings) {
    Map<Key, List<String>> flags = state == null ? Map.of() : Map.of(Key.STATE, List.of(state));
    try {
      Configuration configuration =
          Configuration.load(
              Optional.ofNullable(config),
              flags,
              System.getenv(),
              warning -> findings.add(finding(Level.WARNING, warning)));
      DaemonSettings.of(configuration);
      findings.add(
          finding(
              configuration.text(Key.BACKEND).isPresent() ? Level.GOOD : Level.NOTE,
              configuration
                  .text(Key.BACKEND)
                  .map(name -> "backend " + name)
                  .orElse("no backend is named: 'cairn serve' refuses until one is")));
      return Optional.of(configuration);
    } catch (ConfigurationException | CommandException | IOException e) {
      findings.add(finding(Level.BAD, ErrorReport.line(e)));
      return Optional.empty();
    }
  }

  private static Finding finding(Level level, String text) {
    return new Finding("config", "keys", level, text);
  }

  private Finding answering() {
    String url = service.client().endpoint().toString();
    try (Answer answer = service.client().get("/readyz", Map.of())) {
      if (answer.successful()) {
        return new Finding("service", "ready", Level.GOOD, url);
      }
      Object reason =
          Json.read(answer.readBody(MAX_BYTES)) instanceof Map<?, ?> problem
              ? problem.get("detail")
              : "HTTP " + answer.status();
      return new Finding("service", "ready", Level.BAD, url + ": not ready: " + reason);
    } catch (IOException e) {
      return new Finding("service", "ready", Level.NOTE, ErrorReport.line(e));
    }
  }

  private void printJson(List<Finding> findings) throws IOException {
    Json.print(
        console,
        out -> {
          out.writeArrayFieldStart("findings");
          for (Finding finding : findings) {
            out.writeStartObject();
            out.writeStringField("area", finding.area());
            out.writeStringField("subject", finding.subject());
            out.writeStringField("level", finding.level().name().toLowerCase(Locale.ROOT));
            out.writeStringField("text", finding.text());
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }
}
