package dev.cairn.coco;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.TaggedEvent;
import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;

/**
 * Makes an event of what a client of the agent sends, before anything is extended: one event that a
 * verifier cannot parse would spoil every attestation until the next boot. The bytes are never
 * changed: content that is JSON stays as it came.
 *
 * <pre>
 * rule       domain, operation                  content
 * STRICT     not empty, no white space,         no control characters
 *            no control characters
 * LENIENT    anything                           no line feed
 * </pre>
 *
 * Either way the text is well-formed Unicode and has at most {@link #MAX_BYTES} bytes.
 *
 * @see "confidential-containers/trustee, kbs/docs/confidential-containers-eventlog.md; LENIENT is
 *     what the agent's code checks"
 */
public enum AaelText {
  /** What the specification says. */
  STRICT,
  /** What the agent checks. */
  LENIENT;

  /**
   * The longest text, in bytes of UTF-8: with more, no request to a verifier could carry the log.
   */
  public static final int MAX_BYTES = 64 * 1024;

  /**
   * Makes the event.
   *
   * @throws IllegalArgumentException that names the field, what is wrong with it and what it needs
   */
  public PcClientEvent event(String domain, String operation, String content) {
    if (this == STRICT) {
      requireWord("domain", domain);
      requireWord("operation", operation);
      requireNoControl(content);
    } else if (content.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("content: a line feed: encode it");
    }
    byte[] text = utf8(domain + " " + operation + " " + content);
    if (text.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "domain, operation and content: %d bytes together, at most %d: measure a digest"
              .formatted(text.length, MAX_BYTES));
    }
    return new PcClientEvent(
        EventTypes.EV_EVENT_TAG, new TaggedEvent(AaelEvent.TAG, Bytes.owning(text)).encode());
  }

  private static void requireWord(String field, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(field + ": empty: needs at least one character");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c)) {
        throw new IllegalArgumentException(
            "%s: character U+%04X at %d: no white space and no control characters"
                .formatted(field, (int) c, i));
      }
    }
  }

  private static void requireNoControl(String content) {
    for (int i = 0; i < content.length(); i++) {
      if (Character.isISOControl(content.charAt(i))) {
        throw new IllegalArgumentException(
            "content: character U+%04X at %d: no control characters; encode them"
                .formatted((int) content.charAt(i), i));
      }
    }
  }

  private static byte[] utf8(String text) {
    try {
      ByteBuffer encoded =
          UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "domain, operation or content: a lone surrogate has no UTF-8 form", e);
    }
  }
}
