package dev.cairn.emulator;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The faults that an emulator has been given, with what each has counted. */
final class ArmedFaults {
  private final List<Armed> armed = new ArrayList<>();

  private static final class Armed {
    final Fault fault;
    long counted;
    long happened;

    Armed(Fault fault) {
      this.fault = fault;
    }
  }

  boolean isEmpty() {
    return armed.isEmpty();
  }

  void add(Fault fault) {
    armed.add(new Armed(fault));
  }

  /** Returns those that have not happened even once, in the order given. */
  List<Fault> unused() {
    return armed.stream().filter(each -> each.happened == 0).map(each -> each.fault).toList();
  }

  /** Counts a call and returns what goes wrong with it. */
  Incident incident(FaultTrigger.Operation operation, RegisterId register) {
    List<Armed> happening = new ArrayList<>();
    for (Armed each : armed) {
      FaultTrigger trigger = each.fault.trigger();
      if (trigger.counts(operation, register) && trigger.happensAt(++each.counted)) {
        each.happened++;
        happening.add(each);
      }
    }
    return new Incident(happening, operation, register);
  }

  /** All that goes wrong with one call. */
  static final class Incident {
    private final List<Armed> happening;
    private final FaultTrigger.Operation operation;
    private final RegisterId register;

    private Incident(List<Armed> happening, FaultTrigger.Operation operation, RegisterId register) {
      this.happening = happening;
      this.operation = operation;
      this.register = register;
    }

    void before(FaultTarget target) throws BackendException {
      for (Armed each : happening) {
        each.fault.action().before(target, register, each.happened - 1);
      }
    }

    boolean suppressesEffect() {
      return happening.stream().anyMatch(each -> each.fault.action().suppressesEffect());
    }

    /** Does what comes after the effect, and fails if the call has to. */
    void after(FaultTarget target) throws BackendException {
      for (Armed each : happening) {
        each.fault.action().after(target, register, each.happened - 1);
      }
      String what = operation == FaultTrigger.Operation.EXTEND ? "extend" : "read";
      for (Armed each : happening) {
        Optional<BackendException> failure = each.fault.action().failure(register, what);
        if (failure.isPresent()) {
          throw failure.get();
        }
      }
    }
  }
}
