package dev.cairn.measure;

import java.util.List;
import java.util.Optional;

/**
 * What a backend says about one of its registers. Does not change while the backend is open.
 *
 * @param id its name
 * @param banks the active banks, ascending, at least one
 * @param resetValue what it holds after a cold boot, in every bank: zeros, or ones for PCR 17 to 22
 * @param notExtendable why this process cannot extend it (read-only, locality), or nothing if it
 *     can
 * @param resettable whether software may set it back to its reset value (PCR 16 and 23)
 */
public record RegisterDescriptor(
    RegisterId id,
    List<HashAlgorithm> banks,
    DigestSet resetValue,
    Optional<String> notExtendable,
    boolean resettable) {
  /**
   * Checks that the reset value fits the banks.
   *
   * @throws IllegalArgumentException if it does not, or if there is no bank
   */
  public RegisterDescriptor {
    banks = List.copyOf(banks);
    if (banks.isEmpty() || !resetValue.banks().equals(banks)) {
      throw new IllegalArgumentException(
          "%s: banks %s, reset value in %s".formatted(id, banks, resetValue.banks()));
    }
  }
}
