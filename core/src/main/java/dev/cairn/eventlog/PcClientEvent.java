package dev.cairn.eventlog;

import dev.cairn.measure.Bytes;

/**
 * Event type and data of TCG_PCR_EVENT2; CEL content type pcclient_std (5).
 *
 * @param claimedEventType a u32, see {@link EventTypes}; no digest covers it
 * @param data the event data, up to {@link Limits#maxContentBytes()} bytes
 * @see "TCG PC Client Platform Firmware Profile 1.06, 10.2.2 TCG_PCR_EVENT2"
 */
public record PcClientEvent(long claimedEventType, Bytes data) implements EventContent {
  /**
   * Checks the type.
   *
   * @throws IllegalArgumentException if it is not a u32
   */
  public PcClientEvent {
    if (claimedEventType < 0 || claimedEventType > 0xFFFF_FFFFL) {
      throw new IllegalArgumentException("event type " + claimedEventType + ": needs a u32");
    }
  }

  /** EV_NO_ACTION is the one type that is never extended. */
  @Override
  public boolean measured() {
    return claimedEventType != EventTypes.EV_NO_ACTION;
  }
}
