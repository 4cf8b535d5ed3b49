package dev.cairn.service;

import dev.cairn.measure.RegisterId;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The measured log as a whole, at one moment.
 *
 * @param backend name of the backend
 * @param backendDescription one line about it, for people
 * @param epoch the life of the registers
 * @param committedPosition how many records are committed in this epoch
 * @param committedBytes their length as CEL-TLV
 * @param queued events that wait for the sequencer
 * @param queueLimit how many may wait
 * @param acknowledged receipts given since the start
 * @param batches commits since the start, each one write and one fdatasync
 * @param foreignRecords extends of others that were taken over into the log since the start
 * @param states of all registers, ascending, as known without reading the device
 * @param failure why nothing can be logged any more, or nothing if it can
 * @param ready whether at least one extendable register is OK, the log works, and shutdown has not
 *     begun
 */
public record ServiceStatus(
    String backend,
    String backendDescription,
    String epoch,
    long committedPosition,
    long committedBytes,
    int queued,
    int queueLimit,
    long acknowledged,
    long batches,
    long foreignRecords,
    Map<RegisterId, RegisterState> states,
    Optional<String> failure,
    boolean ready) {
  /** Copies the states. */
  public ServiceStatus {
    states = Collections.unmodifiableMap(new TreeMap<>(states));
  }
}
