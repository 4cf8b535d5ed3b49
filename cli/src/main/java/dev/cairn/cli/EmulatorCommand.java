package dev.cairn.cli;

import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.emulator.RebootKind;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.RegisterLife;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cairn emulator}: what happens to the machine below the emulated registers. */
@Command(
    name = "emulator",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Does to the emulator's registers what a reboot does to those of a machine.")
final class EmulatorCommand implements Runnable {
  /** Where the registers are inside the state folder, unless the configuration says otherwise. */
  static final String REGISTERS_FILE = "emulator.registers";

  @Spec private CommandSpec spec;

  private final Console console;

  EmulatorCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** The reboots by the names that users know them by. */
  enum Reboot {
    cold(RebootKind.COLD),
    kexec(RebootKind.KEXEC),
    s4(RebootKind.HIBERNATION);

    private final RebootKind kind;

    Reboot(RebootKind kind) {
      this.kind = kind;
    }
  }

  @Command(
      name = "reboot",
      mixinStandardHelpOptions = true,
      description = {
        "Reboots the emulated machine while no daemon runs.",
        "",
        "  cold   power off and on: registers reset, new boot id",
        "  kexec  another kernel without firmware: registers kept, new boot id",
        "  s4     resume from disk: registers reset, same boot id",
        ""
      },
      footer = {"", "Example: cairn emulator reboot cold --state /var/lib/cairn"})
  int reboot(
      @Parameters(paramLabel = "cold|kexec|s4", description = "the kind of reboot") Reboot reboot,
      @Option(
              names = "--state",
              paramLabel = "DIR",
              defaultValue = "/var/lib/cairn",
              description = "state folder of the daemon (${DEFAULT-VALUE})")
          Path state,
      @Option(names = "--json", description = "print JSON") boolean json)
      throws CommandException, IOException {
    RegisterLife life;
    try {
      life = EmulatorBackend.reboot(state.resolve(REGISTERS_FILE), reboot.kind);
    } catch (BackendException e) {
      throw new CommandException(ExitStatus.NO, e);
    }
    if (json) {
      Json.print(
          console,
          out -> {
            out.writeStringField("reboot", reboot.name());
            out.writeStringField("boot_id", life.bootId());
          });
    } else {
      console.println("rebooted (" + reboot + "): boot id is now " + life.bootId());
    }
    return ExitStatus.OK;
  }
}
