package dev.cairn.store;

import dev.cairn.measure.Bytes;

/**
 * What the service knew when all records before {@code position} were confirmed. Derived: it saves
 * a replay and may be missing.
 *
 * @param position how many records it covers
 * @param payload the service's own format
 */
public record Checkpoint(long position, Bytes payload) {}
