package dev.cairn.replay;

/** Counts verdicts while they are given. */
final class VerdictTally {
  private long reproduced;
  private long notReproducible;
  private long notMeasured;
  private long noDigest;
  private long mismatch;

  void count(RecordVerdict.Outcome outcome) {
    switch (outcome) {
      case REPRODUCED -> reproduced++;
      case NOT_REPRODUCIBLE -> notReproducible++;
      case NOT_MEASURED -> notMeasured++;
      case NO_DIGEST -> noDigest++;
      case MISMATCH -> mismatch++;
    }
  }

  VerdictCounts counts() {
    return new VerdictCounts(reproduced, notReproducible, notMeasured, noDigest, mismatch);
  }
}
