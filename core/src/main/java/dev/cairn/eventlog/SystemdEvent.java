package dev.cairn.eventlog;

import dev.cairn.measure.Bytes;

/**
 * The string that systemd measured; CEL 1.1 content type systemd (9).
 *
 * @param text the measured bytes, without a NUL at the end
 */
public record SystemdEvent(Bytes text) implements EventContent {
  @Override
  public boolean measured() {
    return true;
  }
}
