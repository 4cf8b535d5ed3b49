package dev.cairn.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.service.ExtendException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One answer that says what is wrong. Immutable.
 *
 * @param type which kind
 * @param detail what was given, what is needed, and the remedy, for people
 * @param members further members, for programs: text and whole numbers, in the order of writing
 * @see "RFC 9457"
 */
record Problem(ProblemType type, String detail, Map<String, Object> members) {
  static final String MEDIA_TYPE = "application/problem+json";

  /** Seconds after which a client may try again, for all problems that pass by themselves. */
  static final int RETRY_AFTER_SECONDS = 1;

  private static final int SHOWN_CHARACTERS = 64;

  Problem(ProblemType type, String detail) {
    this(type, detail, Map.of());
  }

  /** Returns the same with one more member. */
  Problem with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new Problem(type, detail, more);
  }

  /** Says that {@code field} has {@code observed} where {@code expected} is needed. */
  static Problem of(ProblemType type, String field, String observed, String expected) {
    String shown = shorten(observed);
    return new Problem(type, "%s: %s: needs %s".formatted(field, shown, expected))
        .with("field", field)
        .with("observed", shown)
        .with("expected", expected);
  }

  /** Says why an event was not acknowledged. */
  static Problem of(ExtendException refusal) {
    ProblemType type = ProblemType.of(refusal.reason());
    Problem problem = new Problem(type, String.valueOf(refusal.getMessage()));
    return refusal.register().map(id -> problem.with("register", id.name())).orElse(problem);
  }

  /** Cuts what a client sent to a length that is fit for an answer and a log line. */
  static String shorten(String text) {
    if (text.length() <= SHOWN_CHARACTERS) {
      return text;
    }
    int end = SHOWN_CHARACTERS;
    if (Character.isHighSurrogate(text.charAt(end - 1))) {
      end--; // never half a character
    }
    return text.substring(0, end) + "… (" + text.length() + " characters)";
  }

  /** Returns the answer's body. */
  byte[] toJson() {
    return Json.write(this::write);
  }

  private void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", type.uri());
    json.writeStringField("title", type.title());
    json.writeNumberField("status", type.status());
    json.writeStringField("detail", Json.wellFormed(detail));
    if (type.passes()) {
      json.writeNumberField("retry_after", RETRY_AFTER_SECONDS);
    }
    for (Map.Entry<String, Object> member : members.entrySet()) {
      json.writeFieldName(member.getKey());
      if (member.getValue() instanceof Number number) {
        json.writeNumber(number.longValue());
      } else {
        json.writeString(Json.wellFormed(member.getValue().toString()));
      }
    }
    json.writeEndObject();
  }
}
