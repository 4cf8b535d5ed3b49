package dev.cairn.cli.bench;

import java.util.Arrays;

/** Durations in nanoseconds, as many as fit; for quantiles. Not for two threads. */
final class Samples {
  private static final int MAX = 4_000_000;

  private long[] nanos = new long[1 << 12];
  private int count;

  void add(long duration) {
    if (count == MAX) {
      return; // enough for any quantile that is asked
    }
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, Math.min(MAX, 2 * count));
    }
    nanos[count++] = duration;
  }

  /** Returns the quantile, 0 to 1, in microseconds; NaN of nothing. */
  double micros(double quantile) {
    if (count == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return sorted[(int) Math.min(count - 1, Math.round(quantile * (count - 1)))] / 1e3;
  }

  /** Returns the median of {@code values}. */
  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
