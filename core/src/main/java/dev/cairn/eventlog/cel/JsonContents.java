package dev.cairn.eventlog.cel;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * The contents of CEL-JSON. The keys of a known type are checked strictly. Kept as text: types
 * without a codec, event types without a number, management types other than the four, and the
 * object that systemd itself writes.
 */
final class JsonContents {
  static final int MAX_TYPE = 128;

  private final JsonFactory factory;
  private final int maxBytes;

  JsonContents(JsonFactory factory, int maxBytes) {
    this.factory = factory;
    this.maxBytes = maxBytes;
  }

  EventContent read(String type, JsonSource source) throws IOException {
    return switch (type) {
      case JsonNames.PCCLIENT_STD -> pcClientEvent(source);
      case JsonNames.IMA_TEMPLATE -> imaTemplate(source);
      case JsonNames.IMA_TLV -> new ImaTlv(bytes(JsonNames.CONTENT, source));
      case JsonNames.SYSTEMD -> systemd(source);
      case JsonNames.CEL -> management(source);
      default -> opaque(type, compact(source, maxBytes));
    };
  }

  static byte[] compact(JsonSource source, int maxBytes) throws IOException {
    long offset = source.tokenOffset();
    try {
      return JsonText.compact(source.parser(), maxBytes);
    } catch (JsonText.ContentTooLongException e) {
      throw new dev.cairn.eventlog.MalformedLogException(
          source.format(), offset, "content: at most %d bytes".formatted(maxBytes), e);
    }
  }

  private static OpaqueContent opaque(String type, byte[] text) {
    return new OpaqueContent(type, OpaqueContent.Encoding.JSON, Bytes.owning(text));
  }

  private Bytes bytes(String field, JsonSource source) throws IOException {
    Bytes bytes = source.hex(field);
    if (bytes.length() > maxBytes) {
      throw source.malformed("%s: at most %d bytes".formatted(field, maxBytes));
    }
    return bytes;
  }

  private EventContent pcClientEvent(JsonSource source) throws IOException {
    source.require(JsonNames.CONTENT, JsonToken.START_OBJECT, "an object");
    JsonParser parser = source.parser();
    OptionalLong type = OptionalLong.empty();
    String name = null;
    Bytes data = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      JsonToken token = parser.nextToken();
      switch (key) {
        case JsonNames.EVENT_TYPE -> {
          if (token == JsonToken.VALUE_STRING) {
            name = source.text(key);
            type = JsonNames.eventType(name);
          } else {
            type = OptionalLong.of(source.number(key, ContentTypes.MAX_U32));
          }
        }
        case JsonNames.EVENT_DATA -> data = bytes(key, source);
        default -> throw source.malformed("unknown key: it has event_type and event_data");
      }
    }
    if (data != null && type.isPresent()) {
      return new PcClientEvent(type.getAsLong(), data);
    }
    if (data != null && name != null) {
      return opaque(JsonNames.PCCLIENT_STD, JsonEncoder.customEvent(name, data));
    }
    throw source.malformed("content: needs event_type and event_data");
  }

  private EventContent imaTemplate(JsonSource source) throws IOException {
    source.require(JsonNames.CONTENT, JsonToken.START_OBJECT, "an object");
    JsonParser parser = source.parser();
    String name = null;
    Bytes data = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case JsonNames.TEMPLATE_NAME -> name = source.text(key);
        case JsonNames.TEMPLATE_DATA -> data = bytes(key, source);
        default -> throw source.malformed("unknown key: it has template_name and template_data");
      }
    }
    if (name == null || data == null) {
      throw source.malformed("content: needs template_name and template_data");
    }
    if (name.getBytes(UTF_8).length > maxBytes) {
      throw source.malformed("template_name: at most %d bytes".formatted(maxBytes));
    }
    return new ImaTemplate(name, data);
  }

  private EventContent systemd(JsonSource source) throws IOException {
    if (source.parser().currentToken() == JsonToken.START_OBJECT) {
      return opaque(JsonNames.SYSTEMD, compact(source, maxBytes));
    }
    return new SystemdEvent(bytes(JsonNames.CONTENT, source));
  }

  private EventContent management(JsonSource source) throws IOException {
    byte[] text = compact(source, maxBytes);
    try (JsonParser parser = factory.createParser(text)) {
      parser.nextToken();
      Management known = JsonManagement.parse(parser);
      return known != null ? known : opaque(JsonNames.CEL, text);
    }
  }
}
