package dev.cairn.emulator;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong at a call. Immutable; equal by what it says. Where several happen at one call,
 * each is done in the order given: first all that comes before the call's effect, then the effect
 * unless one of them suppresses it, then all that comes after, then the first failure is thrown.
 */
public abstract class FaultAction {
  private final String text;

  private FaultAction(String text) {
    this.text = text;
  }

  /** Returns an action that delays the call by {@code delay} before its effect. */
  public static FaultAction delay(Duration delay) {
    return new Delay(delay);
  }

  /** Returns an action that fails as NOT_EXECUTED, without effect: the device was busy. */
  public static FaultAction refuse() {
    return new Failure("refuse", Outcome.NOT_EXECUTED, true, "scripted fault: device busy");
  }

  /** Returns an action that fails as UNKNOWN, without effect: the command never arrived. */
  public static FaultAction loseCommand() {
    return new Failure("lose-command", Outcome.UNKNOWN, true, "scripted fault: no answer");
  }

  /** Returns an action that fails as UNKNOWN after the effect: the answer never arrived. */
  public static FaultAction loseReply() {
    return new Failure("lose-reply", Outcome.UNKNOWN, false, "scripted fault: no answer");
  }

  /** Returns an action by which somebody else extends the same register before the effect. */
  public static FaultAction foreignExtendBefore(DigestSet digests) {
    return new ForeignExtend(true, digests, 0);
  }

  /** Returns an action by which somebody else extends the same register after the effect. */
  public static FaultAction foreignExtendAfter(DigestSet digests) {
    return new ForeignExtend(false, digests, 0);
  }

  /** As {@link #foreignExtendBefore(DigestSet)}, with digests drawn from {@code seed}. */
  public static FaultAction randomForeignExtendBefore(long seed) {
    return new ForeignExtend(true, null, seed);
  }

  /** As {@link #foreignExtendAfter(DigestSet)}, with digests drawn from {@code seed}. */
  public static FaultAction randomForeignExtendAfter(long seed) {
    return new ForeignExtend(false, null, seed);
  }

  /** Returns an action that puts {@code register} back to its reset value before the effect. */
  public static FaultAction reset(RegisterId register) {
    return new Reset(Optional.of(register));
  }

  /** Returns an action that puts all registers back to their reset values before the effect. */
  public static FaultAction resetAll() {
    return new Reset(Optional.empty());
  }

  /** Says why this cannot be done at {@code trigger}; nothing if it can. */
  Optional<String> objection(FaultTrigger trigger, EmulatorProfile profile) {
    return Optional.empty();
  }

  /**
   * Does what comes before the effect of a call of {@code register}.
   *
   * @param time how often this fault has happened before
   */
  void before(FaultTarget target, RegisterId register, long time) throws BackendException {}

  boolean suppressesEffect() {
    return false;
  }

  void after(FaultTarget target, RegisterId register, long time) throws BackendException {}

  /** Returns how the call fails; nothing if this action lets it succeed. */
  Optional<BackendException> failure(RegisterId register, String operation) {
    return Optional.empty();
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof FaultAction action && text.equals(action.text);
  }

  @Override
  public final int hashCode() {
    return text.hashCode();
  }

  /** Returns the right side of a line of the fault script. */
  @Override
  public final String toString() {
    return text;
  }

  private static final class Delay extends FaultAction {
    private final long nanos;

    Delay(Duration delay) {
      super("delay " + delay.toNanos() / 1000 + "us");
      this.nanos = delay.toNanos();
      if (nanos < 0) {
        throw new IllegalArgumentException("delay " + delay + ": needs 0 or more");
      }
    }

    @Override
    void before(FaultTarget target, RegisterId register, long time) {
      long end = System.nanoTime() + nanos;
      for (long left = nanos; left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left); // may return early
      }
    }
  }

  private static final class Failure extends FaultAction {
    private final Outcome outcome;
    private final boolean suppresses;
    private final String detail;

    Failure(String text, Outcome outcome, boolean suppresses, String detail) {
      super(text);
      this.outcome = outcome;
      this.suppresses = suppresses;
      this.detail = detail;
    }

    @Override
    boolean suppressesEffect() {
      return suppresses;
    }

    @Override
    Optional<BackendException> failure(RegisterId register, String operation) {
      return Optional.of(new BackendException(register, outcome, operation, detail, null));
    }
  }

  private static final class ForeignExtend extends FaultAction {
    private final boolean before;
    private final @Nullable DigestSet given;
    private final long seed;

    ForeignExtend(boolean before, @Nullable DigestSet given, long seed) {
      super(
          (before ? "foreign-before " : "foreign-after ")
              + (given == null ? "random " + seed : FaultScript.text(given)));
      this.before = before;
      this.given = given;
      this.seed = seed;
    }

    @Override
    Optional<String> objection(FaultTrigger trigger, EmulatorProfile profile) {
      Optional<RegisterId> register = trigger.register();
      if (trigger.operation() != FaultTrigger.Operation.EXTEND && register.isEmpty()) {
        return Optional.of(
            "a foreign extend at a %s needs 'of REGISTER'".formatted(trigger.operation().word()));
      }
      if (register.flatMap(profile::find).flatMap(RegisterDescriptor::notExtendable).isPresent()) {
        return Optional.of(register.get() + " cannot be extended");
      }
      if (given != null && !given.hasExactly(profile.banks())) {
        return Optional.of(
            "digests of %s, needs exactly %s".formatted(given.banks(), profile.banks()));
      }
      return Optional.empty();
    }

    @Override
    void before(FaultTarget target, RegisterId register, long time) throws BackendException {
      if (before) {
        target.foreignExtend(register, digests(target.profile(), time));
      }
    }

    @Override
    void after(FaultTarget target, RegisterId register, long time) throws BackendException {
      if (!before) {
        target.foreignExtend(register, digests(target.profile(), time));
      }
    }

    private DigestSet digests(EmulatorProfile profile, long time) {
      if (given != null) {
        return given;
      }
      SplittableRandom random = new SplittableRandom(seed + time);
      List<Digest> drawn = new ArrayList<>();
      for (HashAlgorithm bank : profile.banks()) {
        byte[] digest = new byte[bank.sizeBytes()];
        random.nextBytes(digest);
        drawn.add(new Digest(bank, Bytes.owning(digest)));
      }
      return DigestSet.of(drawn);
    }
  }

  private static final class Reset extends FaultAction {
    private final Optional<RegisterId> register;

    Reset(Optional<RegisterId> register) {
      super("reset " + register.map(RegisterId::name).orElse("all"));
      this.register = register;
    }

    @Override
    Optional<String> objection(FaultTrigger trigger, EmulatorProfile profile) {
      return register.filter(id -> profile.find(id).isEmpty()).map(id -> "there is no " + id);
    }

    @Override
    void before(FaultTarget target, RegisterId called, long time) {
      target.forceReset(register);
    }
  }
}
