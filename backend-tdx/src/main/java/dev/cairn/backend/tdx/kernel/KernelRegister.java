package dev.cairn.backend.tdx.kernel;

import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.util.Optional;

/**
 * A register as an interface shows it.
 *
 * @param id its name
 * @param algorithm of the one bank that is used
 * @param readOnly why nobody can extend it by this interface, or nothing if somebody may
 */
public record KernelRegister(RegisterId id, HashAlgorithm algorithm, Optional<String> readOnly) {}
