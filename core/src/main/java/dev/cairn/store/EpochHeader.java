package dev.cairn.store;

import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is known about one life of the registers.
 *
 * @param backend name of the backend that has them
 * @param life what told this life from others when it was last seen
 * @param created when the epoch began, by the machine's clock
 * @param startValues what every register held before the first record
 * @param owned the registers that were extended through this log when it was last opened
 */
public record EpochHeader(
    String backend,
    RegisterLife life,
    Instant created,
    Map<RegisterId, StartValue> startValues,
    Set<RegisterId> owned) {
  /** Copies map and set, ascending by register. */
  public EpochHeader {
    startValues = Collections.unmodifiableMap(new TreeMap<>(startValues));
    owned = Collections.unmodifiableSet(new TreeSet<>(owned));
  }

  /** Makes a header whose registers are all owned. */
  public EpochHeader(
      String backend, RegisterLife life, Instant created, Map<RegisterId, StartValue> startValues) {
    this(backend, life, created, startValues, startValues.keySet());
  }

  /** Returns this header with another life. */
  public EpochHeader withLife(RegisterLife now) {
    return new EpochHeader(backend, now, created, startValues, owned);
  }

  /** Returns this header with other owned registers, and with other start values for some. */
  public EpochHeader withOwned(Set<RegisterId> now, Map<RegisterId, StartValue> changed) {
    Map<RegisterId, StartValue> values = new TreeMap<>(startValues);
    values.putAll(changed);
    return new EpochHeader(backend, life, created, values, now);
  }
}
