/** The crypto-agile log of TCG firmware, CCEL included. */
@NullMarked
package dev.cairn.eventlog.tcg;

import org.jspecify.annotations.NullMarked;
