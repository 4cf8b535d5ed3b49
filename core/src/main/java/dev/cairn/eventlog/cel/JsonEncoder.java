package dev.cairn.eventlog.cel;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Turns one record into compact JSON, keys always in the same order. */
final class JsonEncoder implements CelWriter.Encoder {
  private static final Limits ANY_LENGTH = new Limits(Integer.MAX_VALUE, 0, 0);

  private final LogFormat format;
  private final RegisterSpelling spelling;
  private final JsonFactory checking = JsonText.reading(ANY_LENGTH, 0);

  JsonEncoder(LogFormat format, RegisterSpelling spelling) {
    this.format = format;
    this.spelling = spelling;
  }

  /** FAPI takes an unmeasured record only if its digests are empty. */
  @Override
  public DigestSet versionDigests(EventRecord first) {
    return DigestSet.EMPTY;
  }

  @Override
  public void encode(EventRecord record, ByteBuilder out) throws IOException {
    CelChecks.check(format, record);
    RegisterId register = spelling.spell(format, record);
    try (JsonGenerator json = JsonText.WRITING.createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField(JsonNames.RECNUM, record.recnum());
      json.writeNumberField(key(register), register.index());
      json.writeArrayFieldStart(JsonNames.DIGESTS);
      writeDigests(record, json);
      json.writeEndArray();
      writeContent(record, json);
      json.writeEndObject();
    }
  }

  private static String key(RegisterId register) {
    return switch (register.kind()) {
      case PCR -> JsonNames.PCR;
      case CCMR -> JsonNames.CCMR;
      case NV -> JsonNames.NV_INDEX;
    };
  }

  private static void writeDigests(EventRecord record, JsonGenerator json) throws IOException {
    List<UnknownDigest> unknown = record.unknownDigests();
    int u = 0;
    for (Digest digest : record.digests()) {
      int id = digest.algorithm().tpmId();
      for (; u < unknown.size() && unknown.get(u).algorithmId() < id; u++) {
        writeUnknown(unknown.get(u), json);
      }
      writeDigest(digest.algorithm().bank(), digest.value(), json);
    }
    for (; u < unknown.size(); u++) {
      writeUnknown(unknown.get(u), json);
    }
  }

  private static void writeUnknown(UnknownDigest digest, JsonGenerator json) throws IOException {
    writeDigest("0x%04X".formatted(digest.algorithmId()), digest.value(), json);
  }

  private static void writeDigest(String algorithm, Bytes value, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeStringField(JsonNames.HASH_ALG, algorithm);
    json.writeStringField(JsonNames.DIGEST, value.toHex());
    json.writeEndObject();
  }

  private void writeContent(EventRecord record, JsonGenerator json) throws IOException {
    EventContent content = record.content();
    if (content instanceof PcClientEvent event) {
      begin(JsonNames.PCCLIENT_STD, json);
      writeEvent(event, json);
    } else if (content instanceof ImaTemplate template) {
      begin(JsonNames.IMA_TEMPLATE, json);
      json.writeStartObject();
      json.writeStringField(JsonNames.TEMPLATE_NAME, template.name());
      json.writeStringField(JsonNames.TEMPLATE_DATA, template.data().toHex());
      json.writeEndObject();
    } else if (content instanceof ImaTlv ima) {
      begin(JsonNames.IMA_TLV, json);
      json.writeString(ima.tlvs().toHex());
    } else if (content instanceof SystemdEvent event) {
      begin(JsonNames.SYSTEMD, json);
      json.writeString(event.text().toHex());
    } else if (content instanceof Management management) {
      begin(JsonNames.CEL, json);
      writeManagement(management, json);
    } else if (content instanceof OpaqueContent opaque) {
      String text = compactText(record, opaque);
      begin(opaque.type(), json);
      json.writeRawValue(text);
    } else {
      throw new IllegalStateException("no CEL-JSON for " + content.getClass());
    }
  }

  private static void begin(String type, JsonGenerator json) throws IOException {
    json.writeStringField(JsonNames.CONTENT_TYPE, type);
    json.writeFieldName(JsonNames.CONTENT);
  }

  private static void writeEvent(PcClientEvent event, JsonGenerator json) throws IOException {
    Optional<String> name = EventTypes.name(event.claimedEventType());
    json.writeStartObject();
    if (name.isPresent()) {
      json.writeStringField(JsonNames.EVENT_TYPE, name.get());
    } else {
      json.writeNumberField(JsonNames.EVENT_TYPE, event.claimedEventType());
    }
    json.writeStringField(JsonNames.EVENT_DATA, event.data().toHex());
    json.writeEndObject();
  }

  /** Returns the text of an event whose type is a name without a number. */
  static byte[] customEvent(String name, Bytes data) throws IOException {
    ByteBuilder out = new ByteBuilder(2 * data.length() + 64);
    try (JsonGenerator json = JsonText.WRITING.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField(JsonNames.EVENT_TYPE, name);
      json.writeStringField(JsonNames.EVENT_DATA, data.toHex());
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  private static void writeManagement(Management management, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    if (management instanceof Management.CelVersion version) {
      json.writeStringField(JsonNames.TYPE, JsonNames.CEL_VERSION);
      json.writeObjectFieldStart(JsonNames.DATA);
      json.writeNumberField(JsonNames.MAJOR, version.major());
      json.writeNumberField(JsonNames.MINOR, version.minor());
      json.writeEndObject();
    } else if (management instanceof Management.FirmwareEnd) {
      json.writeStringField(JsonNames.TYPE, JsonNames.FIRMWARE_END);
    } else if (management instanceof Management.Timestamp timestamp) {
      json.writeStringField(JsonNames.TYPE, JsonNames.CEL_TIMESTAMP);
      json.writeFieldName(JsonNames.DATA);
      json.writeNumber(Long.toUnsignedString(timestamp.claimedTime()));
    } else if (management instanceof Management.StateTransition transition) {
      json.writeStringField(JsonNames.TYPE, JsonNames.STATE_TRANS);
      writeState(transition.state(), json);
    } else {
      throw new IllegalStateException("no CEL-JSON for " + management.getClass());
    }
    json.writeEndObject();
  }

  private static void writeState(long state, JsonGenerator json) throws IOException {
    if (state < JsonNames.STATES.size()) {
      json.writeStringField(JsonNames.DATA, JsonNames.STATES.get((int) state));
    } else {
      json.writeNumberField(JsonNames.DATA, state);
    }
  }

  /** Returns the value of {@code opaque} without white space, once it is known to be one value. */
  private String compactText(EventRecord record, OpaqueContent opaque)
      throws UnrepresentableRecordException {
    String type = opaque.type();
    if (opaque.encoding() != OpaqueContent.Encoding.JSON) {
      throw CelChecks.foreign(format, record, opaque);
    }
    if (type.isEmpty() || type.length() > JsonContents.MAX_TYPE || !CelChecks.isUnicode(type)) {
      throw new UnrepresentableRecordException(
          format,
          record,
          "content type: needs 1 to %d characters".formatted(JsonContents.MAX_TYPE));
    }
    byte[] text = opaque.bytes().toArray();
    try (JsonParser parser = checking.createParser(text)) {
      if (parser.nextToken() != null) {
        byte[] compact = JsonText.compact(parser, Integer.MAX_VALUE);
        if (parser.nextToken() == null) {
          return new String(compact, UTF_8);
        }
      }
    } catch (JsonProcessingException e) {
      throw notOneValue(record, e.getOriginalMessage());
    } catch (IOException e) {
      throw notOneValue(record, String.valueOf(e.getMessage()));
    }
    throw notOneValue(record, text.length == 0 ? "empty" : "more than one value");
  }

  private UnrepresentableRecordException notOneValue(EventRecord record, String detail) {
    return new UnrepresentableRecordException(
        format, record, "opaque content: needs the text of one JSON value: " + detail);
  }
}
