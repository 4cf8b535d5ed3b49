/** The Canonical Event Log of the TCG: TLV, JSON and CBOR, as arrays and as sequences. */
@NullMarked
package dev.cairn.eventlog.cel;

import org.jspecify.annotations.NullMarked;
