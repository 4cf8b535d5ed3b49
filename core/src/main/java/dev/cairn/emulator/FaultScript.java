package dev.cairn.emulator;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The text form of faults: the grammar is at {@link Fault}; lines may be empty or {@code #…}. */
final class FaultScript {
  private static final long MAX_BYTES = 1 << 20;

  private static final Pattern LINE =
      Pattern.compile(
          "on (?<operation>\\S+)(?: of (?<register>\\S+))? (?<calls>(?:every )?[^ :]+): ?(?<action>.*)");
  private static final Pattern CALLS =
      Pattern.compile("(?<first>[0-9]{1,18})(?<range>\\.\\.(?<last>[0-9]{1,18})?)?");
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(us|ms|s)");
  private static final String EXAMPLE = "e.g. 'on extend of rtmr2 3: lose-reply'";

  private FaultScript() {}

  /**
   * Reads a script for {@code profile}.
   *
   * @throws BackendException naming the line that is wrong, or why the file cannot be read
   */
  static List<Fault> read(Path path, EmulatorProfile profile) throws BackendException {
    List<String> lines;
    try {
      if (Files.size(path) > MAX_BYTES) {
        throw refusal(path + ": larger than 1 MiB", null);
      }
      lines = Files.readAllLines(path);
    } catch (IOException e) {
      throw refusal(path + ": cannot be read as UTF-8 text: " + e.getClass().getSimpleName(), e);
    }
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        faults.add(parse(path + ":" + (i + 1), line, profile));
      }
    }
    return faults;
  }

  private static Fault parse(String where, String line, EmulatorProfile profile)
      throws BackendException {
    Fault fault;
    try {
      fault = parseLine(line);
    } catch (IllegalArgumentException e) {
      throw refusal(where + ": " + e.getMessage(), null);
    }
    Optional<String> objection = fault.objection(profile);
    if (objection.isPresent()) {
      throw refusal(where + ": " + objection.get(), null);
    }
    return fault;
  }

  private static BackendException refusal(String detail, @Nullable IOException cause) {
    return new BackendException(
        null, Outcome.NOT_EXECUTED, "open", "fault script " + detail, cause);
  }

  static Fault parseLine(String line) {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'%s': needs 'on OPERATION [of REGISTER] CALLS: ACTION', %s".formatted(line, EXAMPLE));
    }
    FaultTrigger trigger = calls(operation(parts.group("operation")), parts.group("calls"));
    String register = parts.group("register");
    if (register != null) {
      trigger = trigger.of(register(register));
    }
    return trigger.then(action(parts.group("action")));
  }

  /** Returns {@code bank:hex,…}, ascending. */
  static String text(DigestSet digests) {
    List<String> parts = new ArrayList<>();
    for (Digest digest : digests) {
      parts.add(digest.toString());
    }
    return String.join(",", parts);
  }

  private static FaultTrigger.Operation operation(String text) {
    return switch (text) {
      case "extend" -> FaultTrigger.Operation.EXTEND;
      case "read" -> FaultTrigger.Operation.READ;
      case "quote" -> FaultTrigger.Operation.QUOTE;
      default ->
          throw new IllegalArgumentException(
              "operation '%s': needs 'extend', 'read' or 'quote'".formatted(text));
    };
  }

  private static FaultTrigger calls(FaultTrigger.Operation operation, String text) {
    boolean every = text.startsWith("every ");
    Matcher calls = CALLS.matcher(every ? text.substring("every ".length()) : text);
    if (!calls.matches() || (every && calls.group("range") != null)) {
      throw new IllegalArgumentException(
          "calls '%s': needs N, N..M, N.. or 'every N'".formatted(text));
    }
    long first = Long.parseLong(calls.group("first"));
    long last = first;
    if (every) {
      last = Long.MAX_VALUE;
    } else if (calls.group("range") != null) {
      last = calls.group("last") == null ? Long.MAX_VALUE : Long.parseLong(calls.group("last"));
    }
    return new FaultTrigger(operation, Optional.empty(), first, last, every ? first : 1);
  }

  private static FaultAction action(String text) {
    int space = text.indexOf(' ');
    String name = space < 0 ? text : text.substring(0, space);
    String argument = space < 0 ? "" : text.substring(space + 1);
    return switch (name) {
      case "delay" -> FaultAction.delay(duration(argument));
      case "refuse" -> bare(name, argument, FaultAction.refuse());
      case "lose-command" -> bare(name, argument, FaultAction.loseCommand());
      case "lose-reply" -> bare(name, argument, FaultAction.loseReply());
      case "foreign-before" ->
          argument.startsWith("random ")
              ? FaultAction.randomForeignExtendBefore(seed(argument))
              : FaultAction.foreignExtendBefore(digests(argument));
      case "foreign-after" ->
          argument.startsWith("random ")
              ? FaultAction.randomForeignExtendAfter(seed(argument))
              : FaultAction.foreignExtendAfter(digests(argument));
      case "reset" ->
          argument.equals("all") ? FaultAction.resetAll() : FaultAction.reset(register(argument));
      default ->
          throw new IllegalArgumentException(
              ("action '%s': needs delay, refuse, lose-command, lose-reply, foreign-before,"
                      + " foreign-after or reset")
                  .formatted(name));
    };
  }

  private static FaultAction bare(String name, String argument, FaultAction action) {
    if (!argument.isEmpty()) {
      throw new IllegalArgumentException(
          "action '%s' takes no argument, has '%s'".formatted(name, argument));
    }
    return action;
  }

  private static RegisterId register(String name) {
    return RegisterId.parse(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "register '%s': needs a name such as rtmr2 or pcr14".formatted(name)));
  }

  private static Duration duration(String text) {
    Matcher parts = DURATION.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "delay '%s': needs a number with us, ms or s, e.g. 20ms".formatted(text));
    }
    long number = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "us" -> Duration.ofNanos(number * 1000);
      case "ms" -> Duration.ofMillis(number);
      default -> Duration.ofSeconds(number);
    };
  }

  private static long seed(String argument) {
    String text = argument.substring("random ".length());
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("seed '%s': needs a whole number".formatted(text), e);
    }
  }

  private static DigestSet digests(String text) {
    List<Digest> digests = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      int colon = part.indexOf(':');
      HashAlgorithm bank =
          HashAlgorithm.ofBank(part.substring(0, Math.max(colon, 0)))
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "digest '%s': needs BANK:HEX or 'random SEED'".formatted(part)));
      digests.add(new Digest(bank, Bytes.fromHex(part.substring(colon + 1))));
    }
    return DigestSet.of(digests);
  }
}
