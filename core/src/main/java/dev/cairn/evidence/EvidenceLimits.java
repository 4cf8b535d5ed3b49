package dev.cairn.evidence;

/**
 * What is accepted of a document of evidence, before anything is allocated or written to disk.
 *
 * @param maxPartBytes one part of the quote
 * @param maxParts parts of the quote
 * @param maxForeignLogs logs beside the one that the quote belongs to
 * @param maxLogBytes one log, in a temporary file
 */
public record EvidenceLimits(int maxPartBytes, int maxParts, int maxForeignLogs, long maxLogBytes) {
  /** 1 MiB in a part, 16 parts, 8 foreign logs, 16 GiB in a log. */
  public static final EvidenceLimits DEFAULT = new EvidenceLimits(1 << 20, 16, 8, 16L << 30);
}
