package dev.cairn.cli;

import dev.cairn.cli.client.UnreachableException;
import dev.cairn.cli.config.ConfigurationException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns what went wrong into one line on standard error, {@code cairn: what: given and needed:
 * remedy}, and an {@link ExitStatus}. Users see a stack trace only if they set {@code CAIRN_DEBUG}.
 */
final class ErrorReport {
  private final PrintStream err;

  ErrorReport(Console console) {
    this.err = console.err();
  }

  /** For {@link CommandLine#setParameterExceptionHandler}. */
  int wrongCommandLine(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    err.println(name + ": " + line(e));
    UnmatchedArgumentException.printSuggestions(e, command.getErr());
    err.println("'" + name + " --help' shows what it takes");
    return ExitStatus.USAGE;
  }

  /** For {@link CommandLine#setExecutionExceptionHandler}. */
  int failed(Exception e, CommandLine command, ParseResult parsed) {
    if (e instanceof CommandException known) {
      return report(known.status(), line(known), known);
    }
    if (e instanceof UnreachableException unreachable) {
      return report(ExitStatus.UNAVAILABLE, line(unreachable), unreachable);
    }
    if (e instanceof ConfigurationException wrong) {
      return report(ExitStatus.UNUSABLE_INPUT, "configuration: " + line(wrong), wrong);
    }
    if (e instanceof IOException io) {
      return report(ExitStatus.UNUSABLE_INPUT, line(io), io);
    }
    return report(
        ExitStatus.DEFECT,
        "defect: "
            + e
            + ": this should not happen; please report it with the output of the same command"
            + " under CAIRN_DEBUG=1",
        e);
  }

  /** Says that standard output failed, unless its reader has just gone away. */
  int outputFailed(IOException e) {
    return report(ExitStatus.OUTPUT_FAILED, "standard output: " + e.getMessage(), e);
  }

  private int report(int status, String line, Exception e) {
    err.println("cairn: " + line);
    if (System.getenv("CAIRN_DEBUG") != null) {
      e.printStackTrace(err);
    }
    return status;
  }

  /** Says what the JDK leaves out: its message for a missing file is the bare name. */
  private static String describe(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return e.getFile() + ": no such file or directory";
    }
    if (e instanceof AccessDeniedException) {
      return e.getFile() + ": permission denied";
    }
    return e.getFile() + ": " + (e.getReason() == null ? e.toString() : e.getReason());
  }

  /** Returns the first line of what {@code e} says. */
  static String line(Exception e) {
    if (e instanceof FileSystemException file) {
      return describe(file);
    }
    String message = e.getMessage();
    if (message == null || message.isBlank()) {
      return e.toString();
    }
    return message.lines().findFirst().orElse(message);
  }
}
