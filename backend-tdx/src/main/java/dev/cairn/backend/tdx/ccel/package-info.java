/**
 * The event log that the firmware of a confidential VM leaves in memory (CCEL), as the kernel shows
 * it: an ACPI table that describes it, and the log itself. Read only; any thread.
 */
@NullMarked
package dev.cairn.backend.tdx.ccel;

import org.jspecify.annotations.NullMarked;
