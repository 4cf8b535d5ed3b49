package dev.cairn.backend.tpm.quote;

import dev.cairn.backend.tpm.command.Hierarchy;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What people should know about a quote and no check decides. */
final class QuoteNotes {
  /** In a quote by a key of these, the counts are the TPM's own; others are moved by a constant. */
  private static final Set<Hierarchy> SHOWING_COUNTS =
      EnumSet.of(Hierarchy.ENDORSEMENT, Hierarchy.PLATFORM);

  private QuoteNotes() {}

  static void add(List<String> notes, QuoteAttest attest, PublicArea key) {
    Optional<Hierarchy> hierarchy = hierarchyOf(attest, key);
    notes.add("key: Name %s".formatted(key.name()));
    notes.add("key: fingerprint %s".formatted(key.signingKey().fingerprint()));
    notes.add(
        hierarchy
            .map(known -> known.name().toLowerCase(Locale.ROOT))
            .map("key: a primary key of the %s hierarchy"::formatted)
            .orElse("key: no primary key, or its hierarchy cannot be told"));
    notes.add(
        "reset count %d, restart count %d%s"
            .formatted(
                attest.resetCount(),
                attest.restartCount(),
                hierarchy.filter(SHOWING_COUNTS::contains).isPresent()
                    ? ""
                    : ", each plus a constant unless the key is an endorsement or platform key"));
    notes.add(
        "clock %s ms%s"
            .formatted(
                Long.toUnsignedString(attest.clockMillis()),
                attest.safe() ? "" : "; it may have been higher before"));
    notes.add("firmware version 0x%016x".formatted(attest.firmwareVersion()));
  }

  /** A primary key tells its hierarchy: the qualified Name that it signs can be computed. */
  private static Optional<Hierarchy> hierarchyOf(QuoteAttest attest, PublicArea key) {
    for (Hierarchy hierarchy : Hierarchy.values()) {
      if (key.qualifiedNameIn(hierarchy).equals(attest.qualifiedSigner())) {
        return Optional.of(hierarchy);
      }
    }
    return Optional.empty();
  }
}
