package dev.cairn.service;

/**
 * Limits and policy of a measured log.
 *
 * @param queueLimit events that may wait; one more is refused with {@link
 *     ExtendException.Reason#QUEUE_FULL}
 * @param batchLimit events that share one write and one fdatasync at the most
 * @param checkpointInterval committed records between two stored register values: bounds both the
 *     replay at start and the cost of {@link LogSnapshot#valuesBefore}
 * @param maxEventBytes event data of one event
 * @param onDivergence what to do with a register whose value no log explains
 */
public record MeasuredLogOptions(
    int queueLimit,
    int batchLimit,
    int checkpointInterval,
    int maxEventBytes,
    OnDivergence onDivergence) {
  /** What becomes of extends on a register that holds an unexplained value. */
  public enum OnDivergence {
    /** They are refused until an operator decides. */
    REFUSE,
    /** They go on from the value found; the gap stays in the log for every verifier to see. */
    CONTINUE
  }

  /** 4,096 waiting, 1,024 in a batch, a checkpoint every 4,096, 1 MiB, refuse. */
  public static final MeasuredLogOptions DEFAULT =
      new MeasuredLogOptions(4096, 1024, 4096, 1 << 20, OnDivergence.REFUSE);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException that names the option and what it needs
   */
  public MeasuredLogOptions {
    require("queue limit", queueLimit, 1, 1 << 20);
    require("batch limit", batchLimit, 1, 1 << 16);
    require("checkpoint interval", checkpointInterval, 1, 1 << 20);
    require("event limit", maxEventBytes, 1, 1 << 20);
  }

  private static void require(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s %d: needs %d to %d".formatted(name, value, least, most));
    }
  }
}
