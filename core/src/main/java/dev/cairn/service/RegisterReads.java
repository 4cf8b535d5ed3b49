package dev.cairn.service;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterId;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** Reads registers of a device that may fail now and then. Sequencer's thread. */
final class RegisterReads {
  private static final int READ_ATTEMPTS = 3;

  private final MeasurementBackend backend;

  RegisterReads(MeasurementBackend backend) {
    this.backend = backend;
  }

  /**
   * Reads registers, each up to three times.
   *
   * @throws BackendException if one of them cannot be read
   */
  Map<RegisterId, DigestSet> readAll(Collection<RegisterId> registers) throws BackendException {
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    for (RegisterId register : registers) {
      values.put(register, read(register));
    }
    return values;
  }

  private DigestSet read(RegisterId register) throws BackendException {
    for (int attempt = 1; ; attempt++) {
      try {
        return backend.read(register);
      } catch (BackendException e) {
        if (attempt == READ_ATTEMPTS) {
          throw e;
        }
      }
    }
  }
}
