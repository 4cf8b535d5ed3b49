package dev.cairn.eventlog.format;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.cel.CelOptions;
import dev.cairn.eventlog.tcg.Tcg2Options;

/**
 * How a log is written, for formats that leave a choice.
 *
 * @param records how many follow, for {@link LogFormat#CEL_CBOR}, which begins with that number; or
 *     {@link #UNCOUNTED}, and then all wait in a temporary file until the writer is closed. Other
 *     formats do not ask
 * @param cel for CEL-JSON and CEL-CBOR, arrays and sequences
 * @param tcg2 for {@link LogFormat#TCG2}
 */
public record WriteOptions(long records, CelOptions cel, Tcg2Options tcg2) {
  /** It is not known how many records follow. */
  public static final long UNCOUNTED = -1;

  /** What every format's own default is: no record is changed. */
  public static final WriteOptions DEFAULT =
      new WriteOptions(UNCOUNTED, CelOptions.LOSSLESS, Tcg2Options.DEFAULT);

  /** Returns these options for a log of exactly so many records. */
  public WriteOptions withRecords(long count) {
    return new WriteOptions(count, cel, tcg2);
  }

  /** Returns these options with others for CEL. */
  public WriteOptions withCel(CelOptions others) {
    return new WriteOptions(records, others, tcg2);
  }

  /** Returns these options with others for crypto-agile logs. */
  public WriteOptions withTcg2(Tcg2Options others) {
    return new WriteOptions(records, cel, others);
  }
}
