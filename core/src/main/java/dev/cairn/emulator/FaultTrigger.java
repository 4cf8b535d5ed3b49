package dev.cairn.emulator;

import dev.cairn.measure.RegisterId;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which calls a fault happens at. Calls are counted from 1, from the moment at which the fault was
 * given to the emulator; only calls that would be executed count (a register that exists and can be
 * extended, the right banks), and with {@link #of} only those of that register.
 *
 * @param operation what is counted
 * @param register the only register to count; nothing for all
 * @param first number of the first call it happens at, from 1
 * @param last number of the last call it may happen at, at least {@code first}
 * @param step 1 for every call between the two, 2 for every second, …
 */
public record FaultTrigger(
    Operation operation, Optional<RegisterId> register, long first, long last, long step) {
  /** The calls that may go wrong. */
  public enum Operation {
    /** An extend. */
    EXTEND,
    /** A read of a register's value. */
    READ,
    /** A quote of several registers; {@link #of} counts those that show that register. */
    QUOTE;

    /** Returns its name in the fault script. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if no call would match
   */
  public FaultTrigger {
    if (first < 1 || last < first || step < 1) {
      throw new IllegalArgumentException(
          "from %d to %d every %d: calls are counted from 1, upwards".formatted(first, last, step));
    }
  }

  /** Returns a trigger for extend number {@code number}, of any register. */
  public static FaultTrigger onExtend(long number) {
    return onExtends(number, number);
  }

  /** Returns a trigger for the extends {@code first} to {@code last}, of any register. */
  public static FaultTrigger onExtends(long first, long last) {
    return new FaultTrigger(Operation.EXTEND, Optional.empty(), first, last, 1);
  }

  /** Returns a trigger for the extends {@code step}, 2 · {@code step}, …, of any register. */
  public static FaultTrigger onEveryExtend(long step) {
    return new FaultTrigger(Operation.EXTEND, Optional.empty(), step, Long.MAX_VALUE, step);
  }

  /** Returns a trigger for read number {@code number}, of any register. */
  public static FaultTrigger onRead(long number) {
    return onReads(number, number);
  }

  /** Returns a trigger for the reads {@code first} to {@code last}, of any register. */
  public static FaultTrigger onReads(long first, long last) {
    return new FaultTrigger(Operation.READ, Optional.empty(), first, last, 1);
  }

  /** Returns a trigger for the reads {@code step}, 2 · {@code step}, …, of any register. */
  public static FaultTrigger onEveryRead(long step) {
    return new FaultTrigger(Operation.READ, Optional.empty(), step, Long.MAX_VALUE, step);
  }

  /** Returns a trigger for the quotes {@code first} to {@code last}. */
  public static FaultTrigger onQuotes(long first, long last) {
    return new FaultTrigger(Operation.QUOTE, Optional.empty(), first, last, 1);
  }

  /** Returns the same for calls of {@code only}. */
  public FaultTrigger of(RegisterId only) {
    return new FaultTrigger(operation, Optional.of(only), first, last, step);
  }

  /** Returns the fault that does {@code action} at these calls. */
  public Fault then(FaultAction action) {
    return new Fault(this, action);
  }

  boolean counts(Operation call, Set<RegisterId> targets) {
    return operation == call && (register.isEmpty() || targets.contains(register.get()));
  }

  boolean happensAt(long number) {
    return number >= first && number <= last && (number - first) % step == 0;
  }

  /** Returns the left side of a line of the fault script. */
  @Override
  public String toString() {
    String which;
    if (first == last) {
      which = Long.toString(first);
    } else if (step == 1) {
      which = last == Long.MAX_VALUE ? first + ".." : first + ".." + last;
    } else {
      which = "every " + step;
    }
    return "on %s%s %s"
        .formatted(operation.word(), register.map(id -> " of " + id).orElse(""), which);
  }
}
