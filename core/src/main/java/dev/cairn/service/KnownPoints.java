package dev.cairn.service;

import dev.cairn.measure.RegisterId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the registers stood at positions that were asked for lately. What is committed never
 * changes, so an entry is right for as long as the epoch lasts. Bounded; any thread.
 */
final class KnownPoints {
  private static final int MOST = 32;

  private final Map<Long, Map<RegisterId, LogReplay.Point>> byPosition =
      new LinkedHashMap<>(MOST, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(
            Map.Entry<Long, Map<RegisterId, LogReplay.Point>> eldest) {
          return size() > MOST;
        }
      };

  synchronized @Nullable Map<RegisterId, LogReplay.Point> find(long position) {
    return byPosition.get(position);
  }

  synchronized void remember(long position, Map<RegisterId, LogReplay.Point> points) {
    byPosition.put(position, points);
  }
}
