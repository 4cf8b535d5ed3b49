package dev.cairn.service;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.measure.DigestSet;

/**
 * An event with its place in the log.
 *
 * @param job whose event it is
 * @param position in the epoch's log
 * @param record as it is written
 * @param after what its register holds once it and all records before it were extended
 */
record Framed(Job.Extend job, long position, EventRecord record, DigestSet after) {}
