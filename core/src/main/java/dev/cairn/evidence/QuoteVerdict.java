package dev.cairn.evidence;

import dev.cairn.measure.Bytes;
import dev.cairn.replay.RegisterValues;
import java.util.List;
import java.util.Optional;

/**
 * What a quote proves.
 *
 * @param nonce what was signed as nonce: for TDX all 64 bytes of report data
 * @param proven the values that the quote vouches for; empty if a check failed
 * @param key whose signature it is; nothing where nobody signed (emulator) or the key is not one to
 *     be pinned (TDX, whose key the chain of the quote vouches for)
 * @param checks everything that was checked, in order
 * @param notes what the verifier should know and no check decides, e.g. the reset counts and the
 *     fingerprint of the key, for people
 */
public record QuoteVerdict(
    Bytes nonce,
    RegisterValues proven,
    Optional<SigningKey> key,
    List<Check> checks,
    List<String> notes) {
  /**
   * One thing that was checked.
   *
   * @param name stable: {@code signature}, {@code pcr_digest}, {@code magic}, {@code key}, …
   * @param passed whether it holds
   * @param detail what was compared, for people
   */
  public record Check(String name, boolean passed, String detail) {}

  /** Copies the lists. */
  public QuoteVerdict {
    checks = List.copyOf(checks);
    notes = List.copyOf(notes);
  }

  /** Returns whether all checks passed. */
  public boolean ok() {
    return checks.stream().allMatch(Check::passed);
  }
}
