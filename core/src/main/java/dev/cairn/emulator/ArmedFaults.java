package dev.cairn.emulator;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
    return incident(operation, Set.of(register));
  }

  /** Counts a quote and returns what goes wrong with it. */
  Incident incidentOfQuote(Set<RegisterId> shown) {
    return incident(FaultTrigger.Operation.QUOTE, shown);
  }

  private Incident incident(FaultTrigger.Operation operation, Set<RegisterId> registers) {
    List<Happening> happening = new ArrayList<>();
    for (Armed each : armed) {
      FaultTrigger trigger = each.fault.trigger();
      if (trigger.counts(operation, registers) && trigger.happensAt(++each.counted)) {
        RegisterId register = trigger.register().orElseGet(() -> registers.iterator().next());
        happening.add(new Happening(each.fault.action(), register, each.happened++));
      }
    }
    return new Incident(happening, operation);
  }

  /** An action at a call; {@code time} is how often it has happened before. */
  private record Happening(FaultAction action, RegisterId register, long time) {}

  /** All that goes wrong with one call. */
  static final class Incident {
    private final List<Happening> happening;
    private final FaultTrigger.Operation operation;

    private Incident(List<Happening> happening, FaultTrigger.Operation operation) {
      this.happening = happening;
      this.operation = operation;
    }

    void before(FaultTarget target) throws BackendException {
      for (Happening each : happening) {
        each.action.before(target, each.register, each.time);
      }
    }

    boolean suppressesEffect() {
      return happening.stream().anyMatch(each -> each.action.suppressesEffect());
    }

    /** Does what comes after the effect, and fails if the call has to. */
    void after(FaultTarget target) throws BackendException {
      for (Happening each : happening) {
        each.action.after(target, each.register, each.time);
      }
      for (Happening each : happening) {
        Optional<BackendException> failure = each.action.failure(each.register, operation.word());
        if (failure.isPresent()) {
          throw failure.get();
        }
      }
    }
  }
}
