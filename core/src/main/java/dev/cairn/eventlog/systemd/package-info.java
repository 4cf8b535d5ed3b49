/**
 * systemd's log of what user space measured: {@link dev.cairn.eventlog.systemd.SystemdLog} reads
 * it. Replays nothing, and never writes: the way to have systemd measure something is its own
 * interface. Readers are for one thread.
 */
@NullMarked
package dev.cairn.eventlog.systemd;

import org.jspecify.annotations.NullMarked;
