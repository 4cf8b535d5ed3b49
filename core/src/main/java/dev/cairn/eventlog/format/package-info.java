/**
 * The one door to all formats, {@link dev.cairn.eventlog.format.EventLogs}: recognises a log by its
 * bytes, opens readers and writers. The formats themselves are next door in {@code cel}, {@code
 * tcg} and {@code ima}. No state; readers and writers are for one thread.
 */
@NullMarked
package dev.cairn.eventlog.format;

import org.jspecify.annotations.NullMarked;
