/**
 * Event logs in memory: one model for every format, and the seams that its readers and writers
 * share.
 *
 * <p>Values are immutable. Readers and writers stream, are for one thread at a time, and never hold
 * more than one record. What no format knows stays opaque and is written back unchanged.
 */
@NullMarked
package dev.cairn.eventlog;

import org.jspecify.annotations.NullMarked;
