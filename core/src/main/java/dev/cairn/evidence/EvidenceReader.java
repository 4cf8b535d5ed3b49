package dev.cairn.evidence;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.cairn.eventlog.Limits;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.InvalidValuesException;
import dev.cairn.replay.RegisterValues;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads one document of evidence, see {@link EvidenceFormat}. For one use. */
final class EvidenceReader {
  private static final String DOCUMENT = "evidence";
  private static final int MAX_TEXT = 4096;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .disable(JsonFactory.Feature.CHARSET_DETECTION) // UTF-8 only
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(8)
                  .maxNameLength(256)
                  .maxNumberLength(32)
                  .maxStringLength(MAX_TEXT)
                  .build())
          .build();

  private final EvidenceLimits limits;
  private final LogsReader logs;
  private final Set<String> seen = new HashSet<>();

  private String epoch = "";
  private Bytes nonce = Bytes.EMPTY;
  private String type = "";
  private final SortedMap<String, Bytes> parts = new TreeMap<>();
  private RegisterValues values = RegisterValues.EMPTY;
  private final SortedSet<RegisterId> explained = new TreeSet<>();

  /** Makes one that keeps logs in {@code folder}. */
  EvidenceReader(EvidenceLimits limits, Path folder) {
    this.limits = limits;
    this.logs = new LogsReader(limits, folder);
  }

  Evidence read(InputStream in) throws IOException {
    try {
      return readDocument(in);
    } catch (IOException | RuntimeException e) {
      try {
        logs.discard();
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  private Evidence readDocument(InputStream in) throws IOException {
    try (JsonParser parser = JSON.createParser(in)) {
      readVersion(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String member = parser.currentName();
        seen.add(member);
        parser.nextToken();
        readMember(parser, member);
      }
      if (parser.nextToken() != null) {
        throw new MalformedEvidenceException(DOCUMENT, "more follows after the JSON object");
      }
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation(); // null where a limit of the parser is exceeded
      throw new MalformedEvidenceException(
          DOCUMENT,
          (at == null ? "" : "byte %d: ".formatted(at.getByteOffset())) + e.getOriginalMessage());
    }
    for (String member :
        new String[] {
          EvidenceFormat.EPOCH,
          EvidenceFormat.NONCE,
          EvidenceFormat.QUOTE,
          EvidenceFormat.VALUES,
          EvidenceFormat.EXPLAINED,
          EvidenceFormat.LOG
        }) {
      if (!seen.contains(member)) {
        throw new MalformedEvidenceException(member, "missing");
      }
    }
    Quote quote = new Quote(type, parts, new TreeMap<>(values.asMap()));
    return logs.finish(new EvidenceHead(epoch, nonce, quote, explained));
  }

  /** What a document means depends on its version: that is known before anything else is read. */
  private static void readVersion(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT
        || parser.nextToken() != JsonToken.FIELD_NAME
        || !parser.currentName().equals(EvidenceFormat.CAIRN_EVIDENCE)) {
      throw new MalformedEvidenceException(
          DOCUMENT, "no evidence of Cairn: needs a JSON object that begins with cairn_evidence");
    }
    parser.nextToken();
    long version = number(parser, EvidenceFormat.CAIRN_EVIDENCE);
    if (version != EvidenceFormat.VERSION) {
      throw new MalformedEvidenceException(
          EvidenceFormat.CAIRN_EVIDENCE,
          "version %d, this release knows %d".formatted(version, EvidenceFormat.VERSION));
    }
  }

  private void readMember(JsonParser parser, String member) throws IOException {
    switch (member) {
      case EvidenceFormat.EPOCH -> epoch = text(parser, member);
      case EvidenceFormat.NONCE -> nonce = bytes(parser, member, QuoteRequest.MAX_NONCE_BYTES);
      case EvidenceFormat.QUOTE -> readQuote(parser);
      case EvidenceFormat.VALUES -> readValues(parser);
      case EvidenceFormat.EXPLAINED -> readExplained(parser);
      case EvidenceFormat.FOREIGN_LOGS -> logs.readForeign(parser);
      case EvidenceFormat.LOG -> logs.readLog(parser);
      default -> throw unknown("", member);
    }
  }

  private void readQuote(JsonParser parser) throws IOException {
    need(parser, JsonToken.START_OBJECT, EvidenceFormat.QUOTE, "an object");
    boolean typed = false;
    boolean partsSeen = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String member = parser.currentName();
      parser.nextToken();
      if (member.equals(EvidenceFormat.TYPE)) {
        type = text(parser, "quote.type");
        typed = true;
      } else if (member.equals(EvidenceFormat.PARTS)) {
        readParts(parser);
        partsSeen = true;
      } else {
        throw unknown("quote.", member);
      }
    }
    if (!typed || !partsSeen) {
      throw new MalformedEvidenceException(EvidenceFormat.QUOTE, "needs type and parts");
    }
  }

  private void readParts(JsonParser parser) throws IOException {
    need(parser, JsonToken.START_OBJECT, "quote.parts", "an object");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (parts.size() == limits.maxParts()) {
        throw new MalformedEvidenceException(
            "quote.parts", "more than %d parts".formatted(limits.maxParts()));
      }
      parser.nextToken();
      parts.put(name, bytes(parser, "quote.parts." + name, limits.maxPartBytes()));
    }
  }

  private void readValues(JsonParser parser) throws IOException {
    need(parser, JsonToken.START_OBJECT, EvidenceFormat.VALUES, "an object");
    try {
      values = RegisterValues.readObject(parser, Limits.DEFAULT);
    } catch (InvalidValuesException e) {
      throw new MalformedEvidenceException(EvidenceFormat.VALUES, String.valueOf(e.getMessage()));
    }
  }

  private void readExplained(JsonParser parser) throws IOException {
    need(parser, JsonToken.START_ARRAY, EvidenceFormat.EXPLAINED, "an array of register names");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      String name = text(parser, EvidenceFormat.EXPLAINED);
      RegisterId register =
          RegisterId.parse(name)
              .orElseThrow(
                  () ->
                      new MalformedEvidenceException(
                          EvidenceFormat.EXPLAINED,
                          "'%s' is no register: needs a name such as pcr14".formatted(name)));
      if (!explained.add(register)) {
        throw new MalformedEvidenceException(EvidenceFormat.EXPLAINED, name + " named twice");
      }
      if (explained.size() > Limits.DEFAULT.maxRegisters()) {
        throw new MalformedEvidenceException(
            EvidenceFormat.EXPLAINED,
            "more than %d registers".formatted(Limits.DEFAULT.maxRegisters()));
      }
    }
  }

  static void need(JsonParser parser, JsonToken token, String member, String what)
      throws IOException {
    if (parser.currentToken() != token) {
      throw new MalformedEvidenceException(member, "needs " + what);
    }
  }

  static MalformedEvidenceException unknown(String prefix, String member) {
    return new MalformedEvidenceException(
        prefix + member, "this release knows no such member; it may mean something");
  }

  static String text(JsonParser parser, String member) throws IOException {
    need(parser, JsonToken.VALUE_STRING, member, "a string");
    return parser.getText();
  }

  static long number(JsonParser parser, String member) throws IOException {
    need(parser, JsonToken.VALUE_NUMBER_INT, member, "a whole number");
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER || parser.getLongValue() < 0) {
      throw new MalformedEvidenceException(
          member, "%s: needs 0 to %d".formatted(parser.getText(), Long.MAX_VALUE));
    }
    return parser.getLongValue();
  }

  private static Bytes bytes(JsonParser parser, String member, int limit) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    decode(parser, member, new BoundedOutput(bytes, member, limit));
    return Bytes.owning(bytes.toByteArray());
  }

  /** Decodes base64 as it comes: however long the text is, it is never in memory as a whole. */
  static void decode(JsonParser parser, String member, BoundedOutput out) throws IOException {
    need(parser, JsonToken.VALUE_STRING, member, "a string in base64");
    try {
      parser.readBinaryValue(out);
    } catch (IllegalArgumentException e) { // Jackson's way of saying that it is no base64
      throw new MalformedEvidenceException(member, String.valueOf(e.getMessage()));
    }
  }
}
