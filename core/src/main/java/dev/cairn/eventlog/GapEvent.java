package dev.cairn.eventlog;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import java.util.List;
import java.util.Optional;

/**
 * A register was found with another value than its log replays to, and no known log explains it. An
 * EV_NO_ACTION event of Cairn's own: never extended, so no register vouches for it.
 *
 * <pre>
 * offset  size
 *      0    16  "Cairn-GapRecord" NUL
 *     16     2  u16le version = 1
 *     18     2  u16le count of banks
 *     20     …  count × { u16le TPM_ALG_ID | expected | observed }, ascending
 * </pre>
 *
 * @param expected what the log before this record replays to; at least one bank
 * @param observed what the register held; the same banks. The replay goes on from here
 */
public record GapEvent(DigestSet expected, DigestSet observed) {
  private static final Bytes SIGNATURE = BankValues.signature("Cairn-GapRecord");

  /**
   * Checks the banks.
   *
   * @throws IllegalArgumentException if there is none, or if the two have different ones
   */
  public GapEvent {
    if (expected.isEmpty() || !expected.banks().equals(observed.banks())) {
      throw new IllegalArgumentException(
          "gap: expected has banks %s, observed has %s; needs the same, at least one"
              .formatted(expected.banks(), observed.banks()));
    }
  }

  /** Returns the event data. */
  public Bytes encode() {
    return BankValues.encode(SIGNATURE, List.of(expected, observed));
  }

  /** Returns the event. */
  public PcClientEvent toPcClientEvent() {
    return new PcClientEvent(EventTypes.EV_NO_ACTION, encode());
  }

  /**
   * Parses an event; nothing unless it is an EV_NO_ACTION with this signature.
   *
   * @throws IllegalArgumentException if it has the signature and what follows is malformed
   */
  public static Optional<GapEvent> parse(PcClientEvent event) {
    if (event.claimedEventType() != EventTypes.EV_NO_ACTION
        || !event.data().startsWith(SIGNATURE)) {
      return Optional.empty();
    }
    try {
      List<DigestSet> columns = BankValues.parse(event.data(), 2);
      return Optional.of(new GapEvent(columns.get(0), columns.get(1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("gap: " + e.getMessage(), e);
    }
  }
}
