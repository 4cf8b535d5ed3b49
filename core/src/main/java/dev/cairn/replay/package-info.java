/**
 * Replay and verification: pure functions over streams of records, in linear time and constant
 * memory, usable without a daemon.
 *
 * <p>{@link dev.cairn.replay.Replayer} computes what logs replay to, {@link
 * dev.cairn.replay.Verifier} compares that with values that registers had, {@link
 * dev.cairn.replay.RecordJudge} says of single records whether their digests are those of their
 * content. Several logs are replayed in the order given, as one history.
 *
 * <p>What agreement means: the register took exactly these digests in this order. It does not cover
 * what no digest covers: event types, record numbers, records that extend nothing, content whose
 * digest is of bytes outside the log, and the order of records of <em>different</em> registers. Two
 * records of different registers can change places and every register still agrees.
 *
 * <p>Threads: every object here is for one thread.
 */
@NullMarked
package dev.cairn.replay;

import org.jspecify.annotations.NullMarked;
