package dev.cairn.eventlog.systemd;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.eventlog.cel.CelJson;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses one record, keys in any order, each once. */
final class RecordParser {
  private static final JsonFactory WRITING = new JsonFactory();
  private static final String SYSTEMD = "systemd";
  private static final Bytes NULL = Bytes.owning("null".getBytes(UTF_8));
  private static final long MAX_U32 = 0xFFFF_FFFFL;
  private static final int RTMRS = 4;
  private static final int MAX_TYPE = 128;

  private final JsonParser json;
  private final long base;
  private final Limits limits;
  private @Nullable RegisterId register;
  private @Nullable RecordDigests digests;
  private String contentType = SYSTEMD;
  private @Nullable String text; // the string of a content of systemd's
  private Bytes content = NULL;
  private long contentOffset;

  /**
   * Takes {@code json} before its first token.
   *
   * @param base offset in the log of its first byte
   */
  RecordParser(JsonParser json, long base, Limits limits) {
    this.json = json;
    this.base = base;
    this.limits = limits;
  }

  /** A record that has no number yet. */
  record Parsed(
      RegisterId register,
      DigestSet digests,
      List<UnknownDigest> unknownDigests,
      EventContent content) {}

  Parsed parse() throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw malformed("record: needs an object");
    }
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      member(key);
    }
    if (register == null) {
      throw malformed("record: needs pcr, nv_index or rtmr");
    }
    if (digests == null) {
      throw malformed("record: needs digests");
    }
    return new Parsed(register, digests.known(), digests.unknown(), eventContent());
  }

  private void member(String key) throws IOException {
    switch (key) {
      case "pcr" -> register(key, RegisterId.pcr(number(key, MAX_U32)));
      case "nv_index" -> register(key, new RegisterId(RegisterId.Kind.NV, number(key, MAX_U32)));
      case "rtmr" -> register(key, RegisterId.rtmr((int) number(key, RTMRS - 1L)));
      case "digests" -> digests = RecordDigests.read(this, json, limits.maxDigests());
      case "content_type" -> contentType = contentType();
      case "content" -> content();
      default -> json.skipChildren(); // recnum, mapped_pcr, and what later versions add
    }
  }

  private void register(String key, RegisterId named) throws MalformedLogException {
    if (register != null) {
      throw malformed(key + ": the record names another register already");
    }
    register = named;
  }

  private String contentType() throws IOException {
    String type = text("content_type");
    if (type.isEmpty() || type.length() > MAX_TYPE) {
      throw malformed("content_type: needs 1 to %d characters".formatted(MAX_TYPE));
    }
    return type;
  }

  /** Keeps the content, whose type may be still to come, and notes the string in it. */
  private void content() throws IOException {
    contentOffset = tokenOffset();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator copy = WRITING.createGenerator(bytes)) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        copy.copyCurrentStructure(json);
      } else {
        copyObject(copy);
      }
    }
    if (bytes.size() > 2L * limits.maxContentBytes()) { // others write hexadecimal digits
      throw malformed("content: at most %d bytes".formatted(limits.maxContentBytes()));
    }
    content = Bytes.owning(bytes.toByteArray());
  }

  private void copyObject(JsonGenerator copy) throws IOException {
    copy.writeStartObject();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      JsonToken value = json.nextToken();
      if (key.equals("string") && value == JsonToken.VALUE_STRING) {
        text = json.getText();
      }
      copy.writeFieldName(key);
      copy.copyCurrentStructure(json);
    }
    copy.writeEndObject();
  }

  private EventContent eventContent() throws MalformedLogException {
    if (contentType.equals(SYSTEMD) && text != null) {
      return new SystemdEvent(utf8(text));
    }
    if (contentType.equals(SYSTEMD) && content.at(0) != '"') {
      return new OpaqueContent(SYSTEMD, OpaqueContent.Encoding.JSON, limited(content));
    }
    try {
      return CelJson.content(LogFormat.SYSTEMD, contentType, content, limits);
    } catch (MalformedLogException e) {
      throw new MalformedLogException(LogFormat.SYSTEMD, contentOffset, e.reason(), e);
    }
  }

  private Bytes utf8(String measured) throws MalformedLogException {
    try {
      var encoded = UTF_8.newEncoder().encode(CharBuffer.wrap(measured));
      return limited(Bytes.copyOf(encoded.array(), encoded.arrayOffset(), encoded.limit()));
    } catch (CharacterCodingException e) {
      throw new MalformedLogException(
          LogFormat.SYSTEMD, contentOffset, "string: a lone surrogate is no Unicode", e);
    }
  }

  private Bytes limited(Bytes bytes) throws MalformedLogException {
    if (bytes.length() > limits.maxContentBytes()) {
      throw new MalformedLogException(
          LogFormat.SYSTEMD,
          contentOffset,
          "content: at most %d bytes".formatted(limits.maxContentBytes()));
    }
    return bytes;
  }

  /** Returns the unsigned number at which the parser is. */
  long number(String field, long max) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
        || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        || json.getLongValue() < 0
        || json.getLongValue() > max) {
      throw malformed("%s: needs a number, 0 to %d".formatted(field, max));
    }
    return json.getLongValue();
  }

  /** Returns the string at which the parser is. */
  String text(String field) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw malformed(field + ": needs a string");
    }
    return json.getText();
  }

  private long tokenOffset() {
    return base + Math.max(0, json.currentTokenLocation().getByteOffset());
  }

  MalformedLogException malformed(String reason) {
    return new MalformedLogException(LogFormat.SYSTEMD, tokenOffset(), reason);
  }

  /** Says where in the log the parser met what is no JSON. */
  MalformedLogException malformed(JsonProcessingException e) {
    JsonLocation location = e.getLocation();
    long at = location == null ? -1 : location.getByteOffset();
    return new MalformedLogException(
        LogFormat.SYSTEMD, at < 0 ? tokenOffset() : base + at, e.getOriginalMessage(), e);
  }
}
