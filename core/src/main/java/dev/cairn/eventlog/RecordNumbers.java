package dev.cairn.eventlog;

import static java.util.Objects.requireNonNull;

import dev.cairn.measure.RegisterId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the records of each register from 0, for formats that carry no numbers. Unmeasured
 * records count. For one thread.
 */
public final class RecordNumbers {
  private static final class Register {
    private final RegisterId id;
    private long next;

    private Register(RegisterId id) {
      this.id = id;
    }
  }

  private final RegisterId.Kind kind;
  private final int maxRegisters;
  private final Map<Long, Register> registers = new HashMap<>();
  private @Nullable Register current;

  /**
   * Numbers records of registers of one kind.
   *
   * @param maxRegisters how many are accepted, from {@link Limits}
   */
  public RecordNumbers(RegisterId.Kind kind, int maxRegisters) {
    this.kind = kind;
    this.maxRegisters = maxRegisters;
  }

  /** Turns to the register with this index; false if that were one too many. */
  public boolean turnTo(long index) {
    if (current != null && current.id.index() == index) {
      return true;
    }
    Register register = registers.get(index);
    if (register == null) {
      if (registers.size() >= maxRegisters) {
        return false;
      }
      register = new Register(new RegisterId(kind, index));
      registers.put(index, register);
    }
    current = register;
    return true;
  }

  /** Returns the register that was turned to. */
  public RegisterId register() {
    return requireNonNull(current, "turnTo").id;
  }

  /** Returns the number of that register's next record and counts it. */
  public long take() {
    return requireNonNull(current, "turnTo").next++;
  }
}
