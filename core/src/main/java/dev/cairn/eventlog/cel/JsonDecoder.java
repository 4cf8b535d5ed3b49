package dev.cairn.eventlog.cel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Turns one JSON object into a record. Its keys may come in any order, each once. */
final class JsonDecoder {
  private final JsonFactory factory;
  private final Limits limits;

  JsonDecoder(JsonFactory factory, Limits limits) {
    this.factory = factory;
    this.limits = limits;
  }

  /** Reads the object at whose first token {@code source} is. */
  EventRecord decode(JsonSource source) throws IOException {
    source.require("record", JsonToken.START_OBJECT, "an object");
    Fields fields = new Fields(source.tokenOffset());
    JsonParser parser = source.parser();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      read(key, source, fields);
    }
    return record(fields, source);
  }

  private void read(String key, JsonSource source, Fields fields) throws IOException {
    switch (key) {
      case JsonNames.RECNUM -> fields.recnum = source.number(key, Long.MAX_VALUE);
      case JsonNames.PCR -> register(key, RegisterId.Kind.PCR, source, fields);
      case JsonNames.NV_INDEX -> register(key, RegisterId.Kind.NV, source, fields);
      case JsonNames.CCMR -> register(key, RegisterId.Kind.CCMR, source, fields);
      case JsonNames.DIGESTS -> fields.digests = JsonDigests.read(source, limits.maxDigests());
      case JsonNames.CONTENT_TYPE -> fields.contentType = contentType(source);
      case JsonNames.CONTENT -> content(source, fields);
      default ->
          throw source.malformed(
              "unknown key: a record has recnum, pcr or nv_index or ccmr, digests, content_type, content");
    }
  }

  private static void register(String key, RegisterId.Kind kind, JsonSource source, Fields fields)
      throws IOException {
    if (fields.register != null) {
      throw source.malformed(key + ": the record names another register already");
    }
    fields.register = new RegisterId(kind, source.number(key, ContentTypes.MAX_U32));
  }

  private static String contentType(JsonSource source) throws IOException {
    String type = source.text(JsonNames.CONTENT_TYPE);
    if (type.isEmpty() || type.length() > JsonContents.MAX_TYPE) {
      throw source.malformed(
          "content_type: needs 1 to %d characters".formatted(JsonContents.MAX_TYPE));
    }
    return type;
  }

  /** Decodes the content, or keeps its text while its type is still to come. */
  private void content(JsonSource source, Fields fields) throws IOException {
    if (fields.contentType != null) {
      fields.content =
          new JsonContents(factory, limits.maxContentBytes()).read(fields.contentType, source);
      return;
    }
    fields.contentOffset = source.tokenOffset();
    fields.contentText =
        JsonContents.compact(source, JsonText.hexadecimal(limits.maxContentBytes()));
  }

  private EventRecord record(Fields fields, JsonSource source) throws IOException {
    if (fields.recnum < 0) {
      throw missing(fields, source, JsonNames.RECNUM);
    }
    if (fields.register == null) {
      throw missing(fields, source, "pcr, nv_index or ccmr");
    }
    if (fields.digests == null) {
      throw missing(fields, source, JsonNames.DIGESTS);
    }
    if (fields.contentType == null) {
      throw missing(fields, source, JsonNames.CONTENT_TYPE);
    }
    EventContent content = fields.content;
    if (content == null) {
      if (fields.contentText == null) {
        throw missing(fields, source, JsonNames.CONTENT);
      }
      content = late(fields.contentType, fields.contentText, fields.contentOffset, source);
    }
    return new EventRecord(
        fields.recnum, fields.register, fields.digests.known(), fields.digests.unknown(), content);
  }

  /** Decodes a content that came before its type. */
  private EventContent late(String type, byte[] text, long offset, JsonSource source)
      throws IOException {
    try (JsonParser parser = factory.createParser(text)) {
      parser.nextToken();
      return new JsonContents(factory, limits.maxContentBytes())
          .read(type, new JsonSource(source.format(), parser, 0));
    } catch (MalformedLogException e) {
      throw new MalformedLogException(source.format(), offset, e.reason(), e);
    }
  }

  private static MalformedLogException missing(Fields fields, JsonSource source, String what) {
    return new MalformedLogException(source.format(), fields.offset, "record: needs " + what);
  }

  /** What has been seen of a record. */
  private static final class Fields {
    final long offset;
    long recnum = -1;
    @Nullable RegisterId register;
    @Nullable JsonDigests digests;
    @Nullable String contentType;
    @Nullable EventContent content;
    byte @Nullable [] contentText;
    long contentOffset;

    Fields(long offset) {
      this.offset = offset;
    }
  }
}
