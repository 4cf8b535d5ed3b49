package dev.cairn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.ForeignEvent;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.LinuxStubEvent;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.measure.Bytes;

/** One line about one record, for people: {@code rtmr2 7 EV_EVENT_TAG domain operation content}. */
final class RecordText {
  private static final int SHOWN_BYTES = 100;

  private RecordText() {}

  static String line(EventRecord record) {
    EventContent content = record.content();
    return "%-9s %6s  %-22s %s"
        .formatted(
            record.register(),
            Long.toUnsignedString(record.recnum()),
            type(content),
            detail(content))
        .stripTrailing();
  }

  private static String type(EventContent content) {
    if (content instanceof PcClientEvent event) {
      return EventTypes.name(event.claimedEventType())
          .orElseGet(() -> "0x%08x".formatted(event.claimedEventType()));
    }
    if (content instanceof ImaTemplate template) {
      return "IMA " + template.name();
    }
    if (content instanceof OpaqueContent opaque) {
      return "content type " + opaque.type();
    }
    return content.getClass().getSimpleName();
  }

  private static String detail(EventContent content) {
    if (content instanceof PcClientEvent event && ForeignEvent.parse(event).isPresent()) {
      return detail(ForeignEvent.parse(event).get());
    }
    if (content instanceof PcClientEvent event) {
      return AaelEvent.parse(event)
          .map(aael -> aael.domain() + " " + aael.operation() + " " + printable(aael.content()))
          .or(() -> LinuxStubEvent.parse(event).map(stub -> "Linux EFI stub: " + stub.subject()))
          .orElseGet(() -> preview(event.data()));
    }
    if (content instanceof ImaTemplate template) {
      return preview(template.data());
    }
    if (content instanceof SystemdEvent event) {
      return preview(event.text());
    }
    if (content instanceof OpaqueContent opaque) {
      return preview(opaque.bytes());
    }
    if (content instanceof Management || content instanceof ImaTlv) {
      return content.toString();
    }
    throw new IllegalArgumentException("content without a text: " + content);
  }

  private static String detail(ForeignEvent foreign) {
    EventContent content = foreign.content().orElse(null);
    String keeper = "of others, " + foreign.keeper() + " " + foreign.place();
    if (content == null) {
      return keeper;
    }
    boolean nested = content instanceof PcClientEvent event && ForeignEvent.hasTag(event);
    return "%s: %s %s".formatted(keeper, type(content), nested ? "" : detail(content));
  }

  /** Shows the beginning of {@code bytes}; what is no ASCII is a dot. */
  private static String preview(Bytes bytes) {
    Bytes begin = bytes.slice(0, Math.min(bytes.length(), SHOWN_BYTES));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < begin.length(); i++) {
      int b = begin.at(i);
      text.append(b >= 0x20 && b < 0x7F ? (char) b : '.');
    }
    return bytes.length() > SHOWN_BYTES
        ? text + "… (" + bytes.length() + " bytes)"
        : text.toString();
  }

  /** Takes control characters out: a log is hostile to terminals until proven otherwise. */
  private static String printable(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '.' : c)
        .forEach(printable::appendCodePoint);
    byte[] utf8 = printable.toString().getBytes(UTF_8);
    return utf8.length > 4 * SHOWN_BYTES
        ? printable.substring(0, SHOWN_BYTES) + "… (" + utf8.length + " bytes)"
        : printable.toString();
  }
}
