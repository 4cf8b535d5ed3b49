package dev.cairn.service;

import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import org.jspecify.annotations.Nullable;

/**
 * What the log says about one register: next number, replayed value, state. The sequencer's thread
 * only; {@link #state()} may be read by any.
 */
final class RegisterTrack {
  final RegisterDescriptor descriptor;

  /** Where the committed log leaves it. */
  private LogReplay.Point point;

  // read by any thread
  private volatile RegisterState state = RegisterState.RECOVERING;
  private volatile @Nullable String reason;

  RegisterTrack(RegisterDescriptor descriptor, LogReplay.Point point) {
    this.descriptor = descriptor;
    this.point = point;
  }

  RegisterId id() {
    return descriptor.id();
  }

  /** Returns whether Cairn extends it, so that the log answers for its value. */
  boolean isOwned() {
    return descriptor.notExtendable().isEmpty();
  }

  LogReplay.Point point() {
    return point;
  }

  /** Takes over what the committed log says now. */
  void settle(LogReplay.Point committed) {
    point = committed;
  }

  RegisterState state() {
    return state;
  }

  @Nullable String reason() {
    return reason;
  }

  /**
   * Changes the state, the only way to do so.
   *
   * @throws IllegalStateException if {@link RegisterState} has no such transition
   */
  void become(RegisterState next, @Nullable String why) {
    if (!state.mayBecome(next)) {
      throw new IllegalStateException(id() + ": " + state + " never becomes " + next);
    }
    reason = why; // before the state: who sees the state sees its reason
    state = next;
  }
}
