package dev.cairn.backend.tdx.trace;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A line of a trace, for instance
 *
 * <pre>
 *          python3-120     [000] .....    12.506140: tsm_mr_write: [rtmr2] sha384:000102…2e2f
 * </pre>
 *
 * The command before the thread's number is up to that thread: up to 15 bytes of anything, line
 * feeds included. That is too short for a forged line, so the first match is the kernel's own.
 *
 * @param thread as the kernel numbers it
 * @param event name of the event
 * @param text what the event says
 * @param line all of it, without blanks around it
 * @see "Linux kernel/trace/trace_output.c, include/trace/events/tsm_mr.h"
 */
record TraceLine(long thread, String event, String text, String line) {
  /** The event of an extend that has happened. */
  static final String EXTEND = "tsm_mr_write";

  /** No line has more bytes: the longest digest takes 128 of them. */
  static final int LONGEST = 1024;

  private static final String MARK = "tracing_mark_write";
  private static final Pattern LINE =
      Pattern.compile(
          ".{0,32}?-([0-9]{1,10}) +(?:\\([ 0-9-]{1,10}\\) +)?\\[[0-9]{1,6}] \\S{1,8} +[0-9]{1,12}\\.[0-9]{6}: ("
              + EXTEND
              + "|"
              + MARK
              + "): (.*)");
  private static final Pattern EXTENDED =
      Pattern.compile("\\[([a-z0-9]{1,16})] ([a-z0-9-]{1,16}):([0-9a-f]{2,128})");

  /** Parses a line; null if it is another event, a heading, or none at all. */
  static @Nullable TraceLine parse(String line) {
    Matcher match = LINE.matcher(line);
    return match.matches()
        ? new TraceLine(
            Long.parseLong(match.group(1)), match.group(2), match.group(3), line.strip())
        : null;
  }

  /** Returns whether somebody has written {@code mark} into the buffer by this line. */
  boolean isMark(String mark) {
    return event.equals(MARK) && text.equals(mark);
  }

  /** Returns what was extended; nothing if it was not a register that Cairn has a name for. */
  Optional<Extend> extend() {
    Matcher match = EXTENDED.matcher(text);
    if (!event.equals(EXTEND) || !match.matches()) {
      return Optional.empty();
    }
    Optional<RegisterId> register = RegisterId.parse(match.group(1));
    Optional<HashAlgorithm> bank = bank(match.group(2));
    String hex = match.group(3);
    if (register.isEmpty() || bank.isEmpty() || hex.length() != 2 * bank.get().sizeBytes()) {
      return Optional.empty();
    }
    Bytes value = Bytes.owning(HexFormat.of().parseHex(hex));
    return Optional.of(new Extend(register.get(), new Digest(bank.get(), value)));
  }

  /** The kernel writes {@code sha3-256} and {@code sm3}. */
  private static Optional<HashAlgorithm> bank(String name) {
    return HashAlgorithm.ofBank(name.equals("sm3") ? "sm3_256" : name.replace('-', '_'));
  }

  /** An extend. */
  record Extend(RegisterId register, Digest digest) {}
}
