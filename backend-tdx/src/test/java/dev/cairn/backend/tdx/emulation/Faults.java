package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong below the interfaces. Whether and where a program sees it is the interface's
 * doing: sysfs reports a failed extend at the write, configfs nowhere. Any thread.
 */
public final class Faults {
  /** Where it happens. */
  public enum Place {
    /** The hardware is told to extend a register. */
    EXTEND,
    /** The hardware is asked for the values of all registers. */
    REFRESH,
    /** The host is asked for a quote. */
    QUOTE,
    /** A written {@code inblob} is committed, at close. */
    INBLOB
  }

  private static final class Fault {
    final Place place;
    final IntPredicate calls;
    final @Nullable Errno errno;
    final boolean executed;
    final @Nullable Runnable meanwhile;
    int counted;
    int happened;

    Fault(
        Place place,
        IntPredicate calls,
        @Nullable Errno errno,
        boolean executed,
        @Nullable Runnable meanwhile) {
      this.place = place;
      this.calls = calls;
      this.errno = errno;
      this.executed = executed;
      this.meanwhile = meanwhile;
    }
  }

  private final Object lock;
  private final List<Fault> faults = new ArrayList<>();
  private final List<Hang> hangs = new ArrayList<>();

  Faults(Object lock) {
    this.lock = lock;
  }

  /** Chooses the next {@code count} calls. */
  public static IntPredicate next(int count) {
    return call -> call <= count;
  }

  /** Chooses every {@code n}th call. */
  public static IntPredicate every(int n) {
    return call -> call % n == 0;
  }

  /** From now on, the {@code calls} (counted from 1) fail and have no effect. */
  public void fail(Place place, IntPredicate calls, Errno errno) {
    synchronized (lock) {
      faults.add(new Fault(place, calls, errno, false, null));
    }
  }

  /** From now on, the {@code calls} (counted from 1) have their effect and fail all the same. */
  public void failAfterwards(Place place, IntPredicate calls, Errno errno) {
    synchronized (lock) {
      faults.add(new Fault(place, calls, errno, true, null));
    }
  }

  /**
   * From now on, somebody else does something right after the {@code calls} (counted from 1), which
   * have their effect and are answered as ever.
   */
  public void meanwhile(Place place, IntPredicate calls, Runnable action) {
    synchronized (lock) {
      faults.add(new Fault(place, calls, null, true, action));
    }
  }

  /** Lets every call at {@code place} wait until the hang is closed. */
  public Hang hang(Place place) {
    synchronized (lock) {
      Hang hang = new Hang(place);
      hangs.add(hang);
      return hang;
    }
  }

  /** Ends all faults and hangs. */
  public void clear() {
    synchronized (lock) {
      faults.clear();
      hangs.clear();
      lock.notifyAll();
    }
  }

  /** Returns how often the faults that are there have happened. */
  public int happened() {
    synchronized (lock) {
      return faults.stream().mapToInt(fault -> fault.happened).sum();
    }
  }

  /** Calls that wait. */
  public final class Hang implements AutoCloseable {
    private final Place place;
    private int waiting;

    private Hang(Place place) {
      this.place = place;
    }

    /** Returns how many calls wait now. */
    public int waiting() {
      synchronized (lock) {
        return waiting;
      }
    }

    /** Lets them go on. */
    @Override
    public void close() {
      synchronized (lock) {
        hangs.remove(this);
        lock.notifyAll();
      }
    }
  }

  /** What a call at a place does. */
  interface Effect<T> {
    T run() throws Refusal;
  }

  /** Runs {@code effect} unless a fault prevents it. Called with the lock held. */
  <T> T at(Place place, Effect<T> effect) throws Refusal {
    await(place);
    List<Fault> happening = new ArrayList<>();
    for (Fault fault : faults) {
      if (fault.place == place && fault.calls.test(++fault.counted)) {
        fault.happened++;
        happening.add(fault);
      }
    }
    for (Fault fault : happening) {
      if (!fault.executed && fault.errno != null) {
        throw new Refusal(fault.errno);
      }
    }
    T result = effect.run();
    for (Fault fault : happening) {
      if (fault.meanwhile != null) {
        fault.meanwhile.run();
      }
    }
    for (Fault fault : happening) {
      if (fault.errno != null) {
        throw new Refusal(fault.errno);
      }
    }
    return result;
  }

  private void await(Place place) throws Refusal {
    for (int i = 0; i < hangs.size(); i++) {
      Hang hang = hangs.get(i);
      if (hang.place == place) {
        hang.waiting++;
        try {
          while (hangs.contains(hang)) {
            lock.wait();
          }
        } catch (InterruptedException e) {
          throw new Refusal(Errno.EINTR);
        } finally {
          hang.waiting--;
        }
      }
    }
  }
}
