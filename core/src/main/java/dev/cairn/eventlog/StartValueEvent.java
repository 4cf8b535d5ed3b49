package dev.cairn.eventlog;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import java.util.List;
import java.util.Optional;

/**
 * What a register held when its log began, where that is not its reset value. An EV_NO_ACTION event
 * of Cairn's own: never extended, so no register vouches for it.
 *
 * <pre>
 * offset  size
 *      0    16  "Cairn-StartValue"
 *     16     2  u16le version = 1
 *     18     2  u16le count of banks
 *     20     …  count × { u16le TPM_ALG_ID | value }, ascending
 * </pre>
 *
 * @param value one per active bank of the register, at least one
 */
public record StartValueEvent(DigestSet value) {
  private static final Bytes SIGNATURE = BankValues.signature("Cairn-StartValue");

  /**
   * Checks that there is a bank.
   *
   * @throws IllegalArgumentException if {@code value} is empty
   */
  public StartValueEvent {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("start value: no bank, needs at least one");
    }
  }

  /** Returns the event data. */
  public Bytes encode() {
    return BankValues.encode(SIGNATURE, List.of(value));
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
  public static Optional<StartValueEvent> parse(PcClientEvent event) {
    if (event.claimedEventType() != EventTypes.EV_NO_ACTION
        || !event.data().startsWith(SIGNATURE)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new StartValueEvent(BankValues.parse(event.data(), 1).get(0)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("start value: " + e.getMessage(), e);
    }
  }
}
