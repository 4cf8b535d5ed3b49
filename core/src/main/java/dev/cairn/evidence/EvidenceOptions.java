package dev.cairn.evidence;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.LogSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a verifier knows, and what it lets pass.
 *
 * @param nonce what it sent; without it nothing shows that the quote is fresh, and a check fails
 * @param key the key that it trusts; without it nothing shows whose signature it is, and that is
 *     said
 * @param required registers that have to be quoted and explained, besides those that the log
 *     extends or the evidence calls explained
 * @param allowUnsigned accepts a quote that nobody signs: the emulator's
 * @param allowGaps accepts a log that admits that something is missing
 * @param log the log, if the evidence does not have it; records behind the quoted ones are left out
 * @param foreignLogs further logs of others, replayed after those in the evidence
 * @param trust whose certificates count
 */
public record EvidenceOptions(
    Optional<Bytes> nonce,
    Optional<KeyPin> key,
    Set<RegisterId> required,
    boolean allowUnsigned,
    boolean allowGaps,
    Optional<LogSource> log,
    List<Evidence.ForeignPart> foreignLogs,
    Trust trust) {
  /** Copies the collections. */
  public EvidenceOptions {
    required = Set.copyOf(required);
    foreignLogs = List.copyOf(foreignLogs);
  }

  /** Believes whom verifiers believe by themselves. */
  public EvidenceOptions(
      Optional<Bytes> nonce,
      Optional<KeyPin> key,
      Set<RegisterId> required,
      boolean allowUnsigned,
      boolean allowGaps,
      Optional<LogSource> log,
      List<Evidence.ForeignPart> foreignLogs) {
    this(nonce, key, required, allowUnsigned, allowGaps, log, foreignLogs, Trust.DEFAULT);
  }

  /** Returns these options with another trust. */
  public EvidenceOptions withTrust(Trust other) {
    return new EvidenceOptions(
        nonce, key, required, allowUnsigned, allowGaps, log, foreignLogs, other);
  }

  /** Knows the nonce and lets nothing pass. */
  public static EvidenceOptions of(Bytes nonce) {
    return new EvidenceOptions(
        Optional.of(nonce), Optional.empty(), Set.of(), false, false, Optional.empty(), List.of());
  }
}
