package dev.cairn.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of an extend. Strict: every key is known and comes once, every value has its type,
 * the text is well-formed UTF-8. One object reads one body.
 *
 * <pre>
 * {"domain", "operation", "content"}          an AAEL event; digest of the event data
 * {"event_type", "event_data"}                a PC-Client event; digest of the event data
 * {"event_type", "event_data", "digests"}     a PC-Client event; the caller says what is extended
 * </pre>
 */
final class EventBody {
  /** What was read: the event, and the digests if the caller gave them. */
  record Parsed(PcClientEvent event, Optional<DigestSet> digests) {}

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CHARSET_DETECTION) // JSON is UTF-8 and nothing else
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(4) // the deepest there is has 2
                  .maxStringLength(Integer.MAX_VALUE) // the body's limit is the limit
                  .build())
          .build();

  private static final long MAX_EVENT_TYPE = 0xFFFF_FFFFL;
  private static final String FORMS =
      "{\"domain\",\"operation\",\"content\"} or {\"event_type\",\"event_data\"} with or without \"digests\"";

  private @Nullable String domain;
  private @Nullable String operation;
  private @Nullable String content;
  private long eventType = -1;
  private @Nullable Bytes eventData;
  private @Nullable DigestSet digests;

  private EventBody() {}

  /**
   * Parses {@code body}.
   *
   * @throws ProblemException 400, naming the field, what was seen there and what is needed
   */
  static Parsed parse(byte[] body) throws ProblemException {
    int malformed = Utf8.firstMalformed(body);
    if (malformed >= 0) {
      throw malformed(
          "byte %d is not UTF-8: send the text as UTF-8, without surrogates and overlong forms"
              .formatted(malformed));
    }
    EventBody fields = new EventBody();
    try (JsonParser json = FACTORY.createParser(body)) {
      fields.readObject(json);
    } catch (JsonProcessingException e) {
      throw malformed(
          "byte %d: %s".formatted(Math.max(0, offset(e)), Problem.shorten(e.getOriginalMessage())));
    } catch (IOException e) {
      throw new IllegalStateException("an array cannot fail to be read", e);
    }
    return fields.toEvent();
  }

  private static long offset(JsonProcessingException e) {
    return e.getLocation() == null ? 0 : e.getLocation().getByteOffset();
  }

  private static ProblemException malformed(String detail) {
    return new ProblemException(ProblemType.MALFORMED_BODY, "body: " + detail);
  }

  private static ProblemException invalid(String field, String observed, String expected) {
    return new ProblemException(Problem.of(ProblemType.INVALID_FIELD, field, observed, expected));
  }

  private void readObject(JsonParser json) throws IOException, ProblemException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw malformed("needs one JSON object: " + FORMS);
    }
    String name;
    while ((name = json.nextFieldName()) != null) {
      readField(json, name);
    }
    if (json.nextToken() != null) {
      throw malformed("something follows the object: send one JSON object only");
    }
  }

  private void readField(JsonParser json, String name) throws IOException, ProblemException {
    switch (name) {
      case "domain" -> domain = text(json, name, domain == null);
      case "operation" -> operation = text(json, name, operation == null);
      case "content" -> content = text(json, name, content == null);
      case "event_type" -> {
        once(name, eventType < 0);
        eventType = readEventType(json);
      }
      case "event_data" -> eventData = base64(name, text(json, name, eventData == null));
      case "digests" -> {
        once(name, digests == null);
        digests = readDigests(json);
      }
      default -> throw invalid(Problem.shorten(name), "an unknown field", "one of " + FORMS);
    }
  }

  private static void once(String field, boolean first) throws ProblemException {
    if (!first) {
      throw invalid(field, "given twice", "to be given once");
    }
  }

  private static String text(JsonParser json, String field, boolean first)
      throws IOException, ProblemException {
    once(field, first);
    if (json.nextToken() != JsonToken.VALUE_STRING) {
      throw invalid(field, seen(json), "a string");
    }
    return json.getText();
  }

  private static String seen(JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.START_OBJECT) {
      return "an object";
    }
    return token == JsonToken.START_ARRAY ? "an array" : String.valueOf(json.getText());
  }

  private static long readEventType(JsonParser json) throws IOException, ProblemException {
    String expected = "a number from 0 to 4294967295 or a name such as EV_EVENT_TAG";
    JsonToken token = json.nextToken();
    if (token == JsonToken.VALUE_STRING) {
      OptionalLong code = EventTypes.code(json.getText());
      if (code.isPresent()) {
        return code.getAsLong();
      }
    } else if (token == JsonToken.VALUE_NUMBER_INT
        && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      long code = json.getLongValue();
      if (code >= 0 && code <= MAX_EVENT_TYPE) {
        return code;
      }
    }
    throw invalid("event_type", seen(json), expected);
  }

  private static Bytes base64(String field, String text) throws ProblemException {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
        return Bytes.owning(bytes);
      }
    } catch (IllegalArgumentException e) {
      throw notBase64(field, text);
    }
    throw notBase64(field, text); // no padding, or bits left over: there is one form only
  }

  private static ProblemException notBase64(String field, String text) {
    return invalid(field, text, "standard base64 with padding (RFC 4648, section 4)");
  }

  private static DigestSet readDigests(JsonParser json) throws IOException, ProblemException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw invalid("digests", seen(json), "an object such as {\"sha384\":\"<96 hex digits>\"}");
    }
    List<Digest> found = new ArrayList<>();
    String name;
    while ((name = json.nextFieldName()) != null) {
      String field = "digests." + Problem.shorten(name);
      HashAlgorithm bank = HashAlgorithm.ofBank(name).orElse(null);
      if (bank == null) {
        throw invalid(field, "an unknown bank", "one such as sha256 or sha384");
      }
      boolean first = found.stream().noneMatch(digest -> digest.algorithm() == bank);
      found.add(digest(field, bank, text(json, field, first)));
    }
    if (found.isEmpty()) {
      throw invalid("digests", "no bank", "one digest for each bank of the register");
    }
    return DigestSet.of(found);
  }

  private static Digest digest(String field, HashAlgorithm bank, String hex)
      throws ProblemException {
    if (hex.length() == 2 * bank.sizeBytes()) {
      try {
        return new Digest(bank, Bytes.fromHex(hex));
      } catch (IllegalArgumentException e) {
        throw invalid(field, hex, hexDigits(bank));
      }
    }
    throw invalid(field, hex, hexDigits(bank));
  }

  private static String hexDigits(HashAlgorithm bank) {
    return 2 * bank.sizeBytes() + " hex digits";
  }

  private Parsed toEvent() throws ProblemException {
    boolean aael = domain != null || operation != null || content != null;
    boolean pcClient = eventType >= 0 || eventData != null || digests != null;
    if (aael == pcClient) {
      throw malformed((aael ? "fields of two forms: " : "no field: ") + "needs " + FORMS);
    }
    if (pcClient) {
      Bytes data = require("event_data", eventData);
      if (eventType < 0) {
        throw missing("event_type");
      }
      return new Parsed(new PcClientEvent(eventType, data), Optional.ofNullable(digests));
    }
    return new Parsed(
        aael(
            require("domain", domain),
            require("operation", operation),
            require("content", content)),
        Optional.empty());
  }

  private static PcClientEvent aael(String domain, String operation, String content)
      throws ProblemException {
    try {
      return new AaelEvent(domain, operation, content).toPcClientEvent();
    } catch (IllegalArgumentException e) {
      String detail = String.valueOf(e.getMessage()); // begins with the field's name
      throw new ProblemException(
          new Problem(ProblemType.INVALID_FIELD, detail)
              .with("field", detail.substring(0, Math.max(0, detail.indexOf(':')))));
    }
  }

  private static <T> T require(String field, @Nullable T value) throws ProblemException {
    if (value == null) {
      throw missing(field);
    }
    return value;
  }

  private static ProblemException missing(String field) {
    return invalid(field, "missing", FORMS);
  }
}
