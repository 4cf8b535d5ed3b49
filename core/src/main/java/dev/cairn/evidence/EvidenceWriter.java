package dev.cairn.evidence;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.RegisterValues;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Writes evidence as a stream to be read: who sends it takes as much as the receiver does, and no
 * log is ever in memory. {@code docs/formats.md} has the members.
 */
public final class EvidenceWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final JsonGenerator json;
  private final List<InputStream> pieces = new ArrayList<>();

  private EvidenceWriter() throws IOException {
    json = JSON.createGenerator(text);
  }

  /**
   * Returns the document. Closing it closes the data of all logs, read or not.
   *
   * @param foreign in the order in which they are to be replayed, before {@code log}
   * @throws IOException only if a text cannot be said in JSON
   */
  public static InputStream stream(
      EvidenceHead head, List<LogPart.Foreign> foreign, LogPart.Committed log) throws IOException {
    return new EvidenceWriter().write(head, foreign, log);
  }

  private InputStream write(EvidenceHead head, List<LogPart.Foreign> foreign, LogPart.Committed log)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField(EvidenceFormat.CAIRN_EVIDENCE, EvidenceFormat.VERSION);
    json.writeStringField(EvidenceFormat.EPOCH, head.epoch());
    json.writeBinaryField(EvidenceFormat.NONCE, head.nonce().toArray());
    writeQuote(head);
    json.writeArrayFieldStart(EvidenceFormat.EXPLAINED);
    for (RegisterId register : head.explained()) {
      json.writeString(register.name());
    }
    json.writeEndArray();
    if (!foreign.isEmpty()) {
      json.writeArrayFieldStart(EvidenceFormat.FOREIGN_LOGS);
      for (LogPart.Foreign part : foreign) {
        writeForeign(part);
      }
      json.writeEndArray();
    }
    writeLog(log);
    json.writeEndObject();
    json.flush();
    cut();
    return new SequenceInputStream(Collections.enumeration(pieces));
  }

  private void writeQuote(EvidenceHead head) throws IOException {
    json.writeObjectFieldStart(EvidenceFormat.QUOTE);
    json.writeStringField(EvidenceFormat.TYPE, head.quote().type());
    json.writeObjectFieldStart(EvidenceFormat.PARTS);
    for (Map.Entry<String, Bytes> part : head.quote().parts().entrySet()) {
      json.writeBinaryField(part.getKey(), part.getValue().toArray());
    }
    json.writeEndObject();
    json.writeEndObject();
    json.writeObjectFieldStart(EvidenceFormat.VALUES);
    RegisterValues.of(head.quote().values()).writeMembers(json);
    json.writeEndObject();
  }

  private void writeForeign(LogPart.Foreign part) throws IOException {
    json.writeStartObject();
    json.writeStringField(EvidenceFormat.ORIGIN, EvidenceFormat.name(part.origin()));
    json.writeStringField(EvidenceFormat.LOCATION, part.location());
    json.writeStringField(EvidenceFormat.FORMAT, part.format());
    writeData(part.data());
    json.writeEndObject();
  }

  private void writeLog(LogPart.Committed log) throws IOException {
    json.writeObjectFieldStart(EvidenceFormat.LOG);
    json.writeStringField(EvidenceFormat.FORMAT, LogFormat.CEL_TLV.label());
    json.writeNumberField(EvidenceFormat.FIRST_POSITION, 0);
    json.writeNumberField(EvidenceFormat.END_POSITION, log.endPosition());
    json.writeNumberField(EvidenceFormat.BYTES, log.lengthBytes());
    if (log.data().isPresent()) {
      writeData(log.data().get());
    }
    json.writeEndObject();
  }

  /** The generator writes the quotation marks; what is between them does not pass through it. */
  private void writeData(InputStream data) throws IOException {
    json.writeFieldName(EvidenceFormat.DATA);
    json.writeRawValue("\"");
    json.flush();
    cut();
    pieces.add(new Base64Stream(data));
    json.writeRaw('"');
  }

  private void cut() {
    pieces.add(new ByteArrayInputStream(text.toByteArray()));
    text.reset();
  }
}
