package dev.cairn.cli;

import dev.cairn.cli.config.Configuration;
import dev.cairn.cli.config.ConfigurationException;
import dev.cairn.cli.config.Key;
import dev.cairn.http.ListenAddress;
import dev.cairn.service.ServiceStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cairn serve}: the daemon. Its options are the keys of the configuration. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs the service until SIGTERM or Ctrl-C; prints one line 'ready …' on standard",
      "output when it answers.",
      "",
      "Every option below except --config, --print-config and --json is a key of the",
      "configuration file as well, and an environment variable: --http-body-limit is",
      "http.body-limit and CAIRN_HTTP_BODY_LIMIT. The command line wins over the",
      "environment, that over the file, that over the default.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cairn serve --backend emulator --state /tmp/me/cairn --listen 127.0.0.1:8006",
      "  cairn serve --config /etc/cairn/cairn.toml --print-config",
      "",
      "Exit status: 0 ended by a signal; 2 unusable configuration; 69 a device, a file",
      "or an address that it needs cannot be had."
    })
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "configuration file (CAIRN_CONFIG, else /etc/cairn/cairn.toml if it is there)")
  private @Nullable Path config;

  @Option(
      names = "--print-config",
      description = "print what is in force and where it comes from, and end")
  private boolean printConfig;

  @Option(names = "--json", description = "with --print-config: print JSON")
  private boolean json;

  private final Console console;

  private ServeCommand(Console console) {
    this.console = console;
  }

  /** Returns the command with one option per key. */
  static CommandLine commandLine(Console console) {
    CommandLine commandLine = new CommandLine(new ServeCommand(console));
    for (Key key : Key.values()) {
      commandLine.getCommandSpec().addOption(option(key));
    }
    return commandLine;
  }

  private static OptionSpec option(Key key) {
    String description = key.help() + key.fallback().map(text -> " (" + text + ")").orElse("");
    return OptionSpec.builder(key.flag())
        .paramLabel(key.placeholder())
        .type(key.repeatable() ? List.class : String.class)
        .auxiliaryTypes(String.class)
        .description(description.replace("%", "%%"))
        .build();
  }

  @Override
  public Integer call() throws CommandException, ConfigurationException, IOException {
    Configuration configuration =
        Configuration.load(
            Optional.ofNullable(config),
            flags(),
            System.getenv(),
            warning -> console.err().println("cairn: warning: " + warning));
    if (printConfig) {
      DaemonSettings.of(configuration);
      new PrintedConfiguration(configuration).print(console, json);
      return ExitStatus.OK;
    }
    serve(configuration);
    return ExitStatus.OK;
  }

  private Map<Key, List<String>> flags() {
    Map<Key, List<String>> flags = new EnumMap<>(Key.class);
    for (Key key : Key.values()) {
      OptionSpec option = spec.findOption(key.flag());
      if (option != null && !option.stringValues().isEmpty()) {
        flags.put(key, option.stringValues());
      }
    }
    return flags;
  }

  /** Returns only by an exception: a signal ends the process from within its shutdown hook. */
  private void serve(Configuration configuration) throws CommandException, IOException {
    Shutdown shutdown = Shutdown.install(console.err());
    try {
      Daemon daemon = Daemon.start(configuration);
      shutdown.on(daemon);
      console.println(ready(daemon));
      console.flush();
    } catch (CommandException | IOException | RuntimeException e) {
      shutdown.uninstall();
      throw e;
    }
    shutdown.await();
  }

  private static String ready(Daemon daemon) {
    StringBuilder line = new StringBuilder("ready");
    for (ListenAddress address : daemon.addresses()) {
      line.append(' ')
          .append(address instanceof ListenAddress.Tcp ? "http://" : "")
          .append(address);
    }
    ServiceStatus status = daemon.status();
    return line.append(" backend=")
        .append(status.backend())
        .append(" epoch=")
        .append(status.epoch())
        .append(" records=")
        .append(status.committedPosition())
        .toString();
  }
}
