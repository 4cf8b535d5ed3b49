package dev.cairn.backend.tdx;

import dev.cairn.backend.tdx.kernel.InterfaceKind;
import dev.cairn.backend.tdx.kernel.KernelRegister;
import dev.cairn.backend.tdx.kernel.RegisterInterface;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.RegisterId;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which registers are Cairn's to extend, and why the others are not. The kernel lets root extend
 * all four RTMRs; firmware and boot loader extend 0 and 1, and an extend of anybody else breaks the
 * replay of their log for the rest of this boot.
 */
final class Ownership {
  private static final Set<RegisterId> OF_FIRMWARE = Set.of(RegisterId.rtmr(0), RegisterId.rtmr(1));
  private static final Set<RegisterId> BY_DEFAULT = Set.of(RegisterId.rtmr(2), RegisterId.rtmr(3));

  private final SortedSet<RegisterId> owned;

  private Ownership(SortedSet<RegisterId> owned) {
    this.owned = owned;
  }

  /**
   * Takes the registers that are named; where nobody has named any, those of the default that there
   * are, or none where the interface only shows registers. Makes sure that this process may extend
   * them.
   *
   * @throws BackendException NOT_EXECUTED if it may not, or a named one is not there
   */
  static Ownership claim(RegisterInterface registers, Optional<SortedSet<RegisterId>> named)
      throws BackendException {
    Set<RegisterId> wanted = named.isPresent() ? named.get() : byDefault(registers);
    SortedSet<RegisterId> owned = new TreeSet<>();
    for (KernelRegister register : registers.registers()) {
      RegisterId id = register.id();
      if (!wanted.contains(id)) {
        continue;
      }
      if (register.readOnly().isPresent()) {
        throw TdxSettings.refusal(
            "setting 'registers': %s: %s".formatted(id, register.readOnly().get()));
      }
      registers.claim(id);
      owned.add(id);
    }
    if (named.isPresent() && !owned.containsAll(named.get())) {
      SortedSet<RegisterId> missing = new TreeSet<>(named.get());
      missing.removeAll(owned);
      throw TdxSettings.refusal(
          "setting 'registers': there is no %s; there are %s"
              .formatted(
                  missing.first(),
                  registers.registers().stream().map(KernelRegister::id).toList()));
    }
    return new Ownership(owned);
  }

  private static Set<RegisterId> byDefault(RegisterInterface registers) {
    return registers.kind() == InterfaceKind.TDREPORT ? Set.of() : BY_DEFAULT;
  }

  /** Returns why {@code register} is not extended; nothing if it is. */
  Optional<String> notExtendable(KernelRegister register) {
    if (owned.contains(register.id()) || register.readOnly().isPresent()) {
      return register.readOnly();
    }
    return Optional.of(
        OF_FIRMWARE.contains(register.id())
            ? "firmware and boot loader extend it, and their log would no longer replay; if that is"
                + " wanted, name it in 'registers'"
            : "not Cairn's: name it in 'registers' to change that");
  }

  /** Returns the names, separated by commas, or {@code none}. */
  @Override
  public String toString() {
    return owned.isEmpty()
        ? "none"
        : String.join(", ", owned.stream().map(RegisterId::name).toList());
  }
}
