/**
 * The crypto-agile log of TCG firmware, CCEL included: {@link dev.cairn.eventlog.tcg.Tcg2} reads
 * and writes it. Replays nothing and knows no device. Readers and writers are for one thread.
 */
@NullMarked
package dev.cairn.eventlog.tcg;

import org.jspecify.annotations.NullMarked;
