package dev.cairn.http;

/** Counts durations in fixed buckets, as Prometheus wants them. */
final class LatencyHistogram {
  /** Upper bounds: a durable event takes 0.2 ms on a quiet machine. */
  private static final long[] BOUNDS_MICROS = {
    100,
    200,
    300,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    10_000_000
  };

  /** The same in seconds, as text: Java's would be 1.0E-4. */
  private static final String[] BOUNDS = {
    "0.0001", "0.0002", "0.0003", "0.0005", "0.001", "0.002", "0.005", "0.01", "0.025", "0.05",
    "0.1", "0.25", "0.5", "1", "2.5", "10"
  };

  private final long[] counts = new long[BOUNDS_MICROS.length + 1];
  private long count;
  private long sumNanos;

  void record(long nanos) {
    long micros = nanos / 1000;
    int bucket = 0;
    while (bucket < BOUNDS_MICROS.length && micros > BOUNDS_MICROS[bucket]) {
      bucket++;
    }
    counts[bucket]++;
    count++;
    sumNanos += nanos;
  }

  /** Appends the samples of a Prometheus histogram in seconds. */
  void writeTo(StringBuilder out, String name) {
    long cumulative = 0;
    for (int i = 0; i < BOUNDS_MICROS.length; i++) {
      cumulative += counts[i];
      out.append(name).append("_bucket{le=\"").append(BOUNDS[i]).append("\"} ");
      out.append(cumulative).append('\n');
    }
    out.append(name).append("_bucket{le=\"+Inf\"} ").append(count).append('\n');
    out.append(name).append("_sum ").append(sumNanos / 1e9).append('\n');
    out.append(name).append("_count ").append(count).append('\n');
  }
}
