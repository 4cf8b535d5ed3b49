package dev.cairn.replay;

/**
 * How many records got which verdict.
 *
 * @param reproduced every digest is that of the content
 * @param notReproducible the digests cover bytes outside the log
 * @param notMeasured the record extends nothing
 * @param noDigest a measured record without a digest of a known bank
 * @param mismatch at least one digest is wrong
 */
public record VerdictCounts(
    long reproduced, long notReproducible, long notMeasured, long noDigest, long mismatch) {}
