package dev.cairn.store;

import dev.cairn.eventlog.Limits;
import java.util.Optional;

/**
 * How a store keeps its files.
 *
 * @param segmentBytes a segment that would grow beyond this is sealed and a new one begun; a batch
 *     is never divided, so a larger batch has a segment of its own
 * @param group name of the group that may read, or nothing for the one the process has
 * @param keyWindow how many of the newest idempotency keys are remembered
 * @param limits what a record on disk may be; larger ones count as damage
 */
public record StoreOptions(
    long segmentBytes, Optional<String> group, int keyWindow, Limits limits) {
  /** 64 MiB, no group, 16,384 keys. */
  public static final StoreOptions DEFAULT =
      new StoreOptions(64L << 20, Optional.empty(), 16_384, Limits.DEFAULT);

  private static final int MAX_KEY_WINDOW = 1 << 24;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException that names the one out of range
   */
  public StoreOptions {
    if (segmentBytes < 1) {
      throw new IllegalArgumentException("segmentBytes " + segmentBytes + ": needs at least 1");
    }
    if (keyWindow < 1 || keyWindow > MAX_KEY_WINDOW) {
      throw new IllegalArgumentException(
          "keyWindow %d: needs 1 to %d".formatted(keyWindow, MAX_KEY_WINDOW));
    }
  }

  /** Returns these options with another size of segments. */
  public StoreOptions withSegmentBytes(long bytes) {
    return new StoreOptions(bytes, group, keyWindow, limits);
  }

  /** Returns these options with another group. */
  public StoreOptions withGroup(Optional<String> name) {
    return new StoreOptions(segmentBytes, name, keyWindow, limits);
  }

  /** Returns these options with another window of keys. */
  public StoreOptions withKeyWindow(int keys) {
    return new StoreOptions(segmentBytes, group, keys, limits);
  }
}
