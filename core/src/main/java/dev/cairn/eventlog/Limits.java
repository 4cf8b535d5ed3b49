package dev.cairn.eventlog;

/**
 * What a reader accepts before it allocates anything.
 *
 * @param maxContentBytes content of one record, also one string inside it
 * @param maxDigests digests in one record
 * @param maxRegisters different registers in one log
 */
public record Limits(int maxContentBytes, int maxDigests, int maxRegisters) {
  /** 1 MiB of content, 16 digests, 4,096 registers. */
  public static final Limits DEFAULT = new Limits(1 << 20, 16, 4096);
}
