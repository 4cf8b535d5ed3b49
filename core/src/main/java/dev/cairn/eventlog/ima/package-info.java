/**
 * The binary measurement list of Linux IMA: {@link dev.cairn.eventlog.ima.ImaBinary} reads it and
 * says what its digests are over, {@link dev.cairn.eventlog.ima.ImaFields} cuts templates into
 * fields. Replays nothing. Readers are for one thread.
 */
@NullMarked
package dev.cairn.eventlog.ima;

import org.jspecify.annotations.NullMarked;
