package dev.cairn.service;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.RegisterId;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Records whose fate is open: on disk, perhaps extended, and the device does not say.
 *
 * @param records in log order, at least one
 * @param atLeast those before this position are known to have been extended
 * @param why what the device answered, or that it did not
 */
record Held(List<Framed> records, long atLeast, BackendException why) {
  /** Returns the position of the first. */
  long start() {
    return records.get(0).position();
  }

  /** Returns the registers that have to be read to decide. */
  Set<RegisterId> registers() {
    Set<RegisterId> ids = new TreeSet<>();
    records.forEach(f -> ids.add(f.record().register()));
    return ids;
  }
}
