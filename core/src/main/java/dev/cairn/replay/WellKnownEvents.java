package dev.cairn.replay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.measure.Bytes;
import java.util.List;

/**
 * Events that nearly every boot measures, byte for byte the same everywhere: if one was cut out of
 * a log, it can be found again.
 *
 * @see "TCG PC Client Platform Firmware Profile 1.06, 10.4.1 and Table 27"
 */
final class WellKnownEvents {
  /**
   * One event.
   *
   * @param name its type, and its text where it has one
   * @param data what is hashed
   */
  record Event(String name, Bytes data) {}

  static final List<Event> ALL =
      List.of(
          new Event("EV_SEPARATOR 00000000", Bytes.filled(Integer.BYTES, 0)),
          new Event("EV_SEPARATOR ffffffff", Bytes.filled(Integer.BYTES, 0xFF)),
          action("Calling EFI Application from Boot Option"),
          action("Returning from EFI Application from Boot Option"),
          action("Exit Boot Services Invocation"),
          action("Exit Boot Services Returned with Success"),
          action("Exit Boot Services Returned with Failure"),
          action("DMA Protection Disabled"),
          section(".linux"),
          section(".osrel"),
          section(".cmdline"),
          section(".initrd"),
          section(".uname"),
          section(".sbat"));

  private WellKnownEvents() {}

  private static Event action(String text) {
    return new Event("EV_EFI_ACTION '" + text + "'", Bytes.owning(text.getBytes(US_ASCII)));
  }

  /** The name of a section of a unified kernel image, as systemd-stub measures it. */
  private static Event section(String name) {
    return new Event("EV_IPL '" + name + "'", Bytes.owning((name + "\0").getBytes(US_ASCII)));
  }
}
