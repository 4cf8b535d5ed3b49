package dev.cairn.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;

/**
 * The subcommands by name. Only the one that is asked for is made: building the models of all of
 * them takes longer than many of them run.
 */
final class Subcommands {
  private static final Map<String, Function<Console, Object>> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put("serve", ServeCommand::commandLine);
    BY_NAME.put("extend", ExtendCommand::new);
    BY_NAME.put("log", LogCommand::new);
    BY_NAME.put("evidence", EvidenceCommand::new);
    BY_NAME.put("registers", RegistersCommand::new);
    BY_NAME.put("replay", ReplayCommand::new);
    BY_NAME.put("verify", VerifyCommand::new);
    BY_NAME.put("convert", ConvertCommand::new);
    BY_NAME.put("doctor", DoctorCommand::new);
    BY_NAME.put("bench", BenchCommand::new);
    BY_NAME.put("bare-server", BenchCommand.Bare::new);
    BY_NAME.put("emulator", EmulatorCommand::new);
    BY_NAME.put("completion", console -> new AutoComplete.GenerateCompletion());
  }

  private Subcommands() {}

  /**
   * Returns what is to be parsed: all of {@code args}, or only the first if it should be a
   * subcommand and is none; else a later word that happens to be one would get the blame.
   */
  static String[] arguments(String... args) {
    boolean unknown = args.length > 1 && !args[0].startsWith("-") && !BY_NAME.containsKey(args[0]);
    return unknown ? new String[] {args[0]} : args;
  }

  /** Returns the command line for {@code args}, with all subcommands unless they name one. */
  static CommandLine commandLine(Console console, String... args) {
    CommandLine root = new CommandLine(new Main());
    @Nullable Function<Console, Object> named = args.length == 0 ? null : BY_NAME.get(args[0]);
    if (named != null && !args[0].equals("completion")) {
      return root.addSubcommand(args[0], named.apply(console));
    }
    BY_NAME.forEach((name, make) -> root.addSubcommand(name, make.apply(console)));
    return root;
  }
}
