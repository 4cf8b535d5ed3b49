package dev.cairn.cli;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.evidence.Evidence;
import dev.cairn.evidence.KeyPin;
import dev.cairn.evidence.Trust;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the user says about evidence: which, and what is known and trusted. */
final class QuoteInputs {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--quote",
      paramLabel = "EVIDENCE",
      description = {
        "verify evidence instead of values: a document of 'cairn evidence', or a quote of",
        "TDX as the kernel gives it; - is standard input"
      })
  private @Nullable String quote;

  @Option(
      names = "--nonce",
      paramLabel = "HEX",
      description = "the nonce that you sent; without it the quote counts as stale")
  private @Nullable String nonce;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = {
        "the key that you trust: SHA-256 of its public key, its TPM Name, or a file",
        "with a public key, certificate (PEM, DER) or TPM2B_PUBLIC"
      })
  private @Nullable String key;

  @Mixin private TrustInputs trust;

  @Option(
      names = "--firmware-log",
      paramLabel = "FILE",
      description = "log of others: boot log, IMA list, systemd's; may be given again")
  private List<String> firmwareLogs = new ArrayList<>();

  @Option(
      names = "--require",
      split = ",",
      paramLabel = "REGISTER",
      description = "registers that have to be explained as well, e.g. pcr0,pcr7")
  private List<String> required = new ArrayList<>();

  @Option(
      names = "--allow-emulator",
      description = "accept a quote that nobody signed; for tests, it proves nothing")
  private boolean allowEmulator;

  /** Returns whether evidence is to be verified. */
  boolean given() {
    return quote != null;
  }

  boolean allowEmulator() {
    return allowEmulator;
  }

  /** Refuses the options that say something about evidence where there is none. */
  void refuseWithoutQuote() {
    boolean any =
        nonce != null
            || key != null
            || trust.given()
            || !firmwareLogs.isEmpty()
            || !required.isEmpty()
            || allowEmulator;
    if (any) {
      throw wrong(
          "--nonce, --key, --authority, --at, --firmware-log, --require, --allow-emulator: need"
              + " --quote EVIDENCE");
    }
  }

  /** Reads the evidence. To be closed. */
  GivenQuote read(Console console) throws CommandException, IOException {
    String name = String.valueOf(quote);
    try (InputStream in = name.equals("-") ? console.in() : Files.newInputStream(Path.of(name));
        Progress progress =
            new Progress(console, name, name.equals("-") ? 0 : Files.size(Path.of(name)))) {
      return GivenQuote.read(progress.counting(in));
    } catch (IOException e) {
      String line = ErrorReport.line(e);
      String message = line.startsWith(name) ? line : name + ": " + line;
      throw new CommandException(ExitStatus.UNUSABLE_INPUT, message, e);
    }
  }

  /** Returns all inputs that may be standard input. */
  List<String> names() {
    List<String> names = new ArrayList<>(firmwareLogs);
    names.add(String.valueOf(quote));
    return names;
  }

  Optional<Bytes> nonce() {
    return nonce == null ? Optional.empty() : Optional.of(EvidenceCommand.hexNonce(spec, nonce));
  }

  Trust trust() throws CommandException, IOException {
    return trust.read();
  }

  Optional<KeyPin> key() throws CommandException, IOException {
    if (key == null) {
      return Optional.empty();
    }
    Optional<KeyPin> pin = KeyPin.parse(key);
    if (pin.isPresent()) {
      return pin;
    }
    try (InputStream in = Files.newInputStream(Path.of(key))) {
      byte[] content = in.readNBytes(KeyPin.MAX_FILE_BYTES + 1);
      if (content.length > KeyPin.MAX_FILE_BYTES) {
        throw new IOException("longer than %d bytes".formatted(KeyPin.MAX_FILE_BYTES));
      }
      return Optional.of(KeyPin.ofFile(Bytes.owning(content)));
    } catch (IOException e) {
      String line = ErrorReport.line(e);
      String message = "--key: " + (line.startsWith(key) ? line : key + ": " + line);
      throw new CommandException(ExitStatus.UNUSABLE_INPUT, message, e);
    }
  }

  Set<RegisterId> required() {
    Set<RegisterId> registers = new LinkedHashSet<>();
    for (String name : required) {
      registers.add(
          RegisterId.parse(name)
              .orElseThrow(
                  () -> wrong("--require: '%s': needs a name such as pcr7".formatted(name))));
    }
    return registers;
  }

  /**
   * Names the logs of others; what grows all the time is told by its format.
   *
   * @param opened takes all that has to be closed
   */
  List<Evidence.ForeignPart> foreignLogs(Console console, List<LogInput> opened)
      throws IOException {
    List<Evidence.ForeignPart> parts = new ArrayList<>();
    for (String name : firmwareLogs) {
      LogInput log = LogInput.of(console, name, ReadOptions.DEFAULT);
      opened.add(log);
      try (EventReader reader = log.open()) {
        parts.add(new Evidence.ForeignPart(origin(reader.format()), log));
      }
    }
    return parts;
  }

  private static ForeignLog.Origin origin(LogFormat format) {
    return switch (format) {
      case IMA -> ForeignLog.Origin.IMA;
      case SYSTEMD -> ForeignLog.Origin.SYSTEMD;
      default -> ForeignLog.Origin.FIRMWARE;
    };
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
