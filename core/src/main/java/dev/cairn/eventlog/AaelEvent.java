package dev.cairn.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.Optional;

/**
 * An event of a workload in the shape of the Confidential Containers agent: {@code domain operation
 * content}, tagged 0x4141454C, digest over the whole event data.
 *
 * @param domain who measures, e.g. {@code github.com/confidential-containers}; no white space, not
 *     empty
 * @param operation what happened, e.g. {@code PullImage}; no white space, not empty
 * @param content anything without line feed and NUL; may be empty and may hold spaces
 */
public record AaelEvent(String domain, String operation, String content) {
  /** "AAEL" read as a big-endian number; on disk {@code 4c 45 41 41}. */
  public static final long TAG = 0x4141_454CL;

  /**
   * Checks all three.
   *
   * @throws IllegalArgumentException that names the field, what is wrong with it and what it needs
   */
  public AaelEvent {
    requireWord("domain", domain);
    requireWord("operation", operation);
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      if (c == '\n' || c == 0) {
        throw new IllegalArgumentException(
            "content: character U+%04X at %d: line feed and NUL would break the event's text; encode them"
                .formatted((int) c, i));
      }
    }
    requireUnicode("content", content);
  }

  private static void requireWord(String field, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(field + ": empty: needs at least one character");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c)) {
        throw new IllegalArgumentException(
            "%s: character U+%04X at %d: no white space and no control characters; write e.g. '-' or '/'"
                .formatted(field, (int) c, i));
      }
    }
    requireUnicode(field, value);
  }

  private static void requireUnicode(String field, String value) {
    try {
      UTF_8.newEncoder().onMalformedInput(CodingErrorAction.REPORT).encode(CharBuffer.wrap(value));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          field + ": a lone surrogate has no UTF-8 form; send well-formed Unicode", e);
    }
  }

  /** Returns the event: EV_EVENT_TAG with this text as payload. */
  public PcClientEvent toPcClientEvent() {
    byte[] text = (domain + " " + operation + " " + content).getBytes(UTF_8);
    return new PcClientEvent(
        EventTypes.EV_EVENT_TAG, new TaggedEvent(TAG, Bytes.owning(text)).encode());
  }

  /** Parses an event; nothing unless it is an EV_EVENT_TAG with this tag and a valid text. */
  public static Optional<AaelEvent> parse(PcClientEvent event) {
    if (event.claimedEventType() != EventTypes.EV_EVENT_TAG) {
      return Optional.empty();
    }
    Optional<TaggedEvent> tagged = TaggedEvent.parse(event.data());
    if (tagged.isEmpty() || tagged.get().tag() != TAG) {
      return Optional.empty();
    }
    return parseText(tagged.get().payload());
  }

  private static Optional<AaelEvent> parseText(Bytes payload) {
    try {
      String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(payload.toArray())).toString();
      int first = text.indexOf(' ');
      int second = text.indexOf(' ', first + 1);
      if (first < 0 || second < 0) {
        return Optional.empty();
      }
      return Optional.of(
          new AaelEvent(
              text.substring(0, first),
              text.substring(first + 1, second),
              text.substring(second + 1)));
    } catch (CharacterCodingException | IllegalArgumentException e) {
      return Optional.empty(); // it is some other producer's text
    }
  }
}
