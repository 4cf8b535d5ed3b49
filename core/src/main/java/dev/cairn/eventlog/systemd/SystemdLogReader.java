package dev.cairn.eventlog.systemd;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.RecordNumbers;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one text after the other, numbers the records, and remembers the damage. */
final class SystemdLogReader implements EventReader {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_NAME = 256;
  private static final int MAX_NUMBER = 100;
  private static final int DIGEST_TEXT = 200;

  /** What a record has beside digests and content. */
  private static final int REST = 1 << 14;

  private final Limits limits;
  private final JsonTexts texts;
  private final JsonFactory factory;
  private final Map<RegisterId.Kind, RecordNumbers> numbers = new EnumMap<>(RegisterId.Kind.class);
  private long recordOffset;
  private long endOffset;
  private @Nullable MalformedLogException damage;

  SystemdLogReader(InputStream in, Limits limits) {
    this.limits = limits;
    long most = 2L * limits.maxContentBytes() + 2L * DIGEST_TEXT * limits.maxDigests() + REST;
    int maxText = (int) Math.min(Integer.MAX_VALUE / 2, most);
    this.texts = new JsonTexts(in, maxText);
    this.factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNameLength(MAX_NAME)
                    .maxNumberLength(MAX_NUMBER)
                    .maxStringLength(maxText)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();
    for (RegisterId.Kind kind : RegisterId.Kind.values()) {
      numbers.put(kind, new RecordNumbers(kind, limits.maxRegisters()));
    }
  }

  @Override
  public @Nullable EventRecord next() throws IOException {
    if (damage != null) {
      throw damage;
    }
    try {
      if (!texts.next()) {
        return null;
      }
      EventRecord record = record();
      recordOffset = texts.offset();
      endOffset = texts.endOffset();
      return record;
    } catch (MalformedLogException e) {
      damage = e;
      throw e;
    }
  }

  private EventRecord record() throws IOException {
    if (!texts.isWhole()) {
      throw malformed("record without a line feed at its end: it is being written, or was cut");
    }
    try (JsonParser json = factory.createParser(texts.array(), texts.from(), texts.count())) {
      RecordParser parser = new RecordParser(json, texts.jsonOffset(), limits);
      try {
        RecordParser.Parsed parsed = parser.parse();
        if (json.nextToken() != null) {
          throw parser.malformed("nothing may follow the record but a line feed");
        }
        return number(parsed);
      } catch (JsonProcessingException e) {
        throw parser.malformed(e);
      }
    }
  }

  private EventRecord number(RecordParser.Parsed parsed) throws MalformedLogException {
    RecordNumbers ofKind = numbers.get(parsed.register().kind());
    if (ofKind == null || !ofKind.turnTo(parsed.register().index())) {
      throw malformed(
          "%s: more than %d registers".formatted(parsed.register(), limits.maxRegisters()));
    }
    return new EventRecord(
        ofKind.take(),
        parsed.register(),
        parsed.digests(),
        parsed.unknownDigests(),
        parsed.content());
  }

  private MalformedLogException malformed(String reason) {
    return new MalformedLogException(LogFormat.SYSTEMD, texts.offset(), reason);
  }

  @Override
  public long recordOffset() {
    return recordOffset;
  }

  @Override
  public long endOffset() {
    return endOffset;
  }

  @Override
  public LogFormat format() {
    return LogFormat.SYSTEMD;
  }

  @Override
  public void close() throws IOException {
    texts.close();
  }
}
