package dev.cairn.emulator;

import dev.cairn.measure.RegisterId;
import java.util.Optional;

/**
 * One thing that goes wrong. As text, one line of the fault script:
 *
 * <pre>
 * line      = "on" operation [ "of" register ] calls ":" action
 * operation = "extend" | "read" | "quote"
 * calls     = N                       the N-th, counted from 1 ({@link FaultTrigger})
 *           | N ".." M  |  N ".."     from the N-th to the M-th, from the N-th on
 *           | "every" N               the N-th, 2N-th, …
 * action    = "delay" D               D = number with "us", "ms" or "s"
 *           | "refuse"                NOT_EXECUTED, no effect
 *           | "lose-command"          UNKNOWN, no effect
 *           | "lose-reply"            UNKNOWN, with effect
 *           | "foreign-before" what   somebody else extends the same register before the effect
 *           | "foreign-after" what    or after it
 *           | "reset" ( register | "all" )   back to the reset value before the effect
 * what      = "random" SEED  |  bank ":" hex { "," bank ":" hex }, every active bank
 * </pre>
 *
 * <p>For example {@code on extend of rtmr2 3: lose-reply}, or {@code on read 2..4: lose-command}.
 *
 * @param trigger at which calls
 * @param action what happens
 */
public record Fault(FaultTrigger trigger, FaultAction action) {
  /**
   * Parses one line.
   *
   * @throws IllegalArgumentException if it is none; the message names the part and what it needs
   */
  public static Fault parse(String line) {
    return FaultScript.parseLine(line);
  }

  /** Says why {@code profile} cannot have this fault; nothing if it can. */
  Optional<String> objection(EmulatorProfile profile) {
    Optional<RegisterId> register = trigger.register();
    if (register.isPresent() && profile.find(register.get()).isEmpty()) {
      return Optional.of("profile %s has no %s".formatted(profile.profileName(), register.get()));
    }
    if (trigger.operation() == FaultTrigger.Operation.EXTEND
        && register.flatMap(profile::find).flatMap(d -> d.notExtendable()).isPresent()) {
      return Optional.of(register.get() + " cannot be extended, the fault would never happen");
    }
    return action.objection(trigger, profile);
  }

  /** Returns the line that {@link #parse} makes this of. */
  @Override
  public String toString() {
    return trigger + ": " + action;
  }
}
