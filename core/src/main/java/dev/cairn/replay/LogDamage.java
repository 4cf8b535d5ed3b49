package dev.cairn.replay;

/**
 * A log breaks off or breaks its format. The records before were replayed, later logs were not.
 *
 * @param log its name
 * @param offset of the byte where the damage shows
 * @param reason why, for people
 */
public record LogDamage(String log, long offset, String reason) {}
