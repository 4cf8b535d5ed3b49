package dev.cairn.store;

import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is known about one life of the registers.
 *
 * @param backend name of the backend that has them
 * @param life what told this life from others when it was last seen
 * @param created when the epoch began, by the machine's clock
 * @param startValues what every register held before the first record
 */
public record EpochHeader(
    String backend, RegisterLife life, Instant created, Map<RegisterId, StartValue> startValues) {
  /** Copies the map, ascending by register. */
  public EpochHeader {
    startValues = Collections.unmodifiableMap(new TreeMap<>(startValues));
  }

  /** Returns this header with another life. */
  public EpochHeader withLife(RegisterLife now) {
    return new EpochHeader(backend, now, created, startValues);
  }
}
