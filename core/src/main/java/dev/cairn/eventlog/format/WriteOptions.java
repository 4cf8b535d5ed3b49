package dev.cairn.eventlog.format;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.cel.CelOptions;
import dev.cairn.eventlog.tcg.Tcg2Options;

/**
 * How a log is written, for formats that leave a choice.
 *
 * @param cel for CEL-JSON and CEL-CBOR, arrays and sequences
 * @param tcg2 for {@link LogFormat#TCG2}
 */
public record WriteOptions(CelOptions cel, Tcg2Options tcg2) {
  /** What every format's own default is: no record is changed. */
  public static final WriteOptions DEFAULT =
      new WriteOptions(CelOptions.LOSSLESS, Tcg2Options.DEFAULT);

  /** Returns these options with others for CEL. */
  public WriteOptions withCel(CelOptions others) {
    return new WriteOptions(others, tcg2);
  }

  /** Returns these options with others for crypto-agile logs. */
  public WriteOptions withTcg2(Tcg2Options others) {
    return new WriteOptions(cel, others);
  }
}
