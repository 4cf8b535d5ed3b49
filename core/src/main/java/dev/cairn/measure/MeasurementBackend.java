package dev.cairn.measure;

import java.util.List;
import java.util.Optional;

/**
 * The one seam to hardware: measurement registers that can be read and extended.
 *
 * <p>One thread, the sequencer's, calls everything here, and is never interrupted. Every call
 * blocks until the device has answered or a timeout of the backend's own has passed.
 */
public interface MeasurementBackend extends AutoCloseable {
  /** Returns the name by which it is configured: {@code emulator}, {@code tpm}, {@code tdx}. */
  String name();

  /** Returns one line for people: what it talks to, and where. */
  String description();

  /** Returns all registers, ascending by id. The same list every time. */
  List<RegisterDescriptor> registers();

  /**
   * Reads what tells this life of the registers from another.
   *
   * @throws BackendException if the device does not answer
   */
  RegisterLife life() throws BackendException;

  /**
   * Reads the value that {@code register} has now, in every active bank.
   *
   * @throws BackendException if the device does not answer, or has no such register
   */
  DigestSet read(RegisterId register) throws BackendException;

  /**
   * Extends {@code register} in every active bank, in one step: {@code new = H(old ‖ digest)}.
   *
   * @param digests exactly one per active bank
   * @throws BackendException unless the extend is known to have happened
   * @see "TPM 2.0 Library Part 3, TPM2_PCR_Extend; Linux tsm-mr, writes of the mr attributes"
   */
  void extend(RegisterId register, DigestSet digests) throws BackendException;

  /** Returns what signs the values of these registers; nothing if nobody does. */
  default Optional<QuoteSource> quotes() {
    return Optional.empty();
  }

  /**
   * Returns the logs that others keep about these registers. They explain what a register held at
   * first, and what others extended later. The files may be missing. The same list every time.
   */
  default List<ForeignLog> foreignLogs() {
    return List.of();
  }

  /** Releases the device. The registers keep their values. */
  @Override
  void close() throws BackendException;
}
