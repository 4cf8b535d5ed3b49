/**
 * The Canonical Event Log of the TCG: TLV, JSON and CBOR, the latter two as arrays and as
 * sequences.
 *
 * <p>A door for each: {@link dev.cairn.eventlog.cel.CelTlv}, {@link
 * dev.cairn.eventlog.cel.CelJson}, {@link dev.cairn.eventlog.cel.CelJsonSeq}, {@link
 * dev.cairn.eventlog.cel.CelCbor}, {@link dev.cairn.eventlog.cel.CelCborSeq}. Readers and writers
 * stream, hold at most one record, and are for one thread. The same records give the same bytes.
 * Which format a log has is not found out here, and nothing is replayed.
 */
@NullMarked
package dev.cairn.eventlog.cel;

import org.jspecify.annotations.NullMarked;
