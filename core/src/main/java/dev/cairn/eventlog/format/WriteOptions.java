package dev.cairn.eventlog.format;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.tcg.Tcg2Options;

/**
 * How a log is written, for formats that leave a choice.
 *
 * @param tcg2 for {@link LogFormat#TCG2}
 */
public record WriteOptions(Tcg2Options tcg2) {
  /** What every format's own default is. */
  public static final WriteOptions DEFAULT = new WriteOptions(Tcg2Options.DEFAULT);
}
