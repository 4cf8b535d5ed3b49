package dev.cairn.eventlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.measure.Bytes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the EFI stub of the Linux kernel measures into PCR 9 (MrIndex 3, RTMR2): an EV_EVENT_TAG
 * with a tag of its own and a fixed text. The digest is not of that text but of what it names,
 * which no log holds.
 *
 * @see "Linux drivers/firmware/efi/libstub/efi-stub-helper.c, efi_tcg2_event"
 */
public enum LinuxStubEvent {
  /** The initial RAM disk, byte for byte. */
  INITRD(0x8F3B_22ECL, "Linux initrd", "initial RAM disk"),
  /** The load options: the command line in UTF-16, as the boot loader gave it. */
  LOAD_OPTIONS(0x8F3B_22EDL, "LOADED_IMAGE::LoadOptions", "kernel command line (load options)");

  private static final Map<Bytes, LinuxStubEvent> BY_DATA = new HashMap<>();

  static {
    for (LinuxStubEvent event : values()) {
      BY_DATA.put(event.text(), event);
      BY_DATA.put(event.toPcClientEvent().data(), event);
    }
  }

  private final long tag;
  private final String text;
  private final String subject;

  LinuxStubEvent(long tag, String text, String subject) {
    this.tag = tag;
    this.text = text;
    this.subject = subject;
  }

  private Bytes text() {
    return Bytes.owning((text + "\0").getBytes(US_ASCII));
  }

  /** Returns what was measured, for people. */
  public String subject() {
    return subject;
  }

  /** Returns the event as the stub writes it. */
  public PcClientEvent toPcClientEvent() {
    return new PcClientEvent(EventTypes.EV_EVENT_TAG, new TaggedEvent(tag, text()).encode());
  }

  /**
   * Recognises an event; nothing if it is another one. Some logs hold the bare text without the tag
   * before it.
   */
  public static Optional<LinuxStubEvent> parse(PcClientEvent event) {
    return event.claimedEventType() == EventTypes.EV_EVENT_TAG
        ? Optional.ofNullable(BY_DATA.get(event.data()))
        : Optional.empty();
  }
}
