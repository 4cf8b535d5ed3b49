package dev.cairn.http;

import dev.cairn.service.QuoteException;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** What happened since the start, counted. Event loop only, hence plain numbers. */
final class Metrics {
  private static final int LOWEST_STATUS = 100;
  private static final int STATUSES = 500;

  private final long[] answers = new long[STATUSES];
  private final Map<ProblemType, long[]> problems = new EnumMap<>(ProblemType.class);
  private final LatencyHistogram extendLatency = new LatencyHistogram();
  private final LatencyHistogram quoteLatency = new LatencyHistogram();
  private final Map<QuoteException.Reason, Long> quotesRefused =
      new EnumMap<>(QuoteException.Reason.class);
  private long quotesTaken;
  private long aborted;
  private long extended;
  private long repeated;
  private long bursts;

  void answered(int status) {
    answers[status - LOWEST_STATUS]++;
  }

  /** A client went before its answer was out. */
  void aborted() {
    aborted++;
  }

  void problem(ProblemType type) {
    problems.computeIfAbsent(type, first -> new long[1])[0]++;
  }

  /** An event was acknowledged. */
  void acknowledged(boolean repetition, long nanos) {
    if (repetition) {
      repeated++;
    } else {
      extended++;
    }
    extendLatency.record(nanos);
  }

  /** A quote was taken and its log opened. */
  void quoteTaken(long nanos) {
    quotesTaken++;
    quoteLatency.record(nanos);
  }

  /** There was no quote. */
  void quoteRefused(QuoteException.Reason reason) {
    quotesRefused.merge(reason, 1L, Long::sum);
  }

  /** Answers to events went out together. */
  void burst() {
    bursts++;
  }

  long extended() {
    return extended;
  }

  long repeated() {
    return repeated;
  }

  long bursts() {
    return bursts;
  }

  long abortedRequests() {
    return aborted;
  }

  LatencyHistogram extendLatency() {
    return extendLatency;
  }

  LatencyHistogram quoteLatency() {
    return quoteLatency;
  }

  /** Returns how often a quote was {@code taken}, and how often there was none, by reason. */
  Map<String, Long> quotesByOutcome() {
    Map<String, Long> result = new TreeMap<>();
    quotesRefused.forEach((reason, count) -> result.put(reason.code(), count));
    result.put("taken", quotesTaken);
    return result;
  }

  /** Returns the number of answers by status, ascending; only those that were given. */
  Map<Integer, Long> answersByStatus() {
    Map<Integer, Long> result = new TreeMap<>();
    for (int i = 0; i < STATUSES; i++) {
      if (answers[i] > 0) {
        result.put(i + LOWEST_STATUS, answers[i]);
      }
    }
    return result;
  }

  /** Returns how often each problem was answered. */
  Map<String, Long> problemsByCode() {
    Map<String, Long> result = new TreeMap<>();
    problems.forEach((type, count) -> result.put(type.code(), count[0]));
    return result;
  }
}
