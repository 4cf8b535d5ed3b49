package dev.cairn.store;

/**
 * Where a batch now lies, durable but not yet confirmed.
 *
 * @param firstPosition position of its first record
 * @param endPosition position behind its last record
 * @param startOffset offset of its first byte in the whole log
 * @param endOffset offset behind its last byte in the whole log
 */
public record Append(long firstPosition, long endPosition, long startOffset, long endOffset) {}
