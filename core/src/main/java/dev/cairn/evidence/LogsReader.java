package dev.cairn.evidence;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.evidence.Evidence.ForeignPart;
import dev.cairn.measure.ForeignLog;
import dev.cairn.replay.LogSource;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the logs of one document into temporary files. */
final class LogsReader {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final EvidenceLimits limits;
  private final Path folder;
  private final List<Path> files = new ArrayList<>();
  private final List<ForeignPart> foreign = new ArrayList<>();
  private @Nullable LogSource log;
  private long endPosition;

  LogsReader(EvidenceLimits limits, Path folder) {
    this.limits = limits;
    this.folder = folder;
  }

  /** The members of one log, in whatever order they come; -1 and null: not there. */
  private static final class Members {
    @Nullable String format;
    @Nullable String origin;
    @Nullable String location;
    long firstPosition = -1;
    long endPosition = -1;
    long bytes = -1;
    @Nullable Path data;
    long dataBytes;
  }

  void readForeign(JsonParser parser) throws IOException {
    String array = EvidenceFormat.FOREIGN_LOGS;
    EvidenceReader.need(parser, JsonToken.START_ARRAY, array, "an array of objects");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (foreign.size() == limits.maxForeignLogs()) {
        throw new MalformedEvidenceException(
            array, "more than %d logs".formatted(limits.maxForeignLogs()));
      }
      String prefix = array + "[" + foreign.size() + "].";
      Members members = readMembers(parser, prefix, true);
      ForeignLog.Origin origin = origin(prefix, members.origin);
      if (members.format == null || members.location == null || members.data == null) {
        throw new MalformedEvidenceException(prefix, "needs origin, location, format and data");
      }
      String name = "%s log (%s)".formatted(EvidenceFormat.name(origin), members.location);
      SpooledLog source = new SpooledLog(name, format(prefix, members.format), members.data);
      foreign.add(new ForeignPart(origin, source));
    }
  }

  void readLog(JsonParser parser) throws IOException {
    String prefix = EvidenceFormat.LOG + ".";
    Members members = readMembers(parser, prefix, false);
    if (!LogFormat.CEL_TLV.label().equals(members.format)) {
      throw new MalformedEvidenceException(
          prefix + EvidenceFormat.FORMAT, "%s, needs cel-tlv".formatted(members.format));
    }
    if (members.firstPosition != 0) {
      throw new MalformedEvidenceException(
          prefix + EvidenceFormat.FIRST_POSITION,
          "needs 0: a register's value depends on all records from the first on");
    }
    if (members.endPosition < 0 || members.bytes < 0) {
      throw new MalformedEvidenceException(prefix, "needs end_position and bytes");
    }
    if (members.data != null) {
      if (members.dataBytes != members.bytes) {
        throw new MalformedEvidenceException(
            prefix + EvidenceFormat.DATA,
            "%d bytes, needs %d".formatted(members.dataBytes, members.bytes));
      }
      log = new SpooledLog(EvidenceFormat.LOG, LogFormat.CEL_TLV, members.data);
    }
    endPosition = members.endPosition;
  }

  private Members readMembers(JsonParser parser, String prefix, boolean ofForeign)
      throws IOException {
    EvidenceReader.need(parser, JsonToken.START_OBJECT, prefix, "an object");
    Members members = new Members();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      String member = prefix + name;
      parser.nextToken();
      switch (name) {
        case EvidenceFormat.FORMAT -> members.format = EvidenceReader.text(parser, member);
        case EvidenceFormat.DATA -> readData(parser, member, members);
        default -> {
          if (!(ofForeign
              ? readForeignMember(parser, name, member, members)
              : readPosition(parser, name, member, members))) {
            throw EvidenceReader.unknown(prefix, name);
          }
        }
      }
    }
    return members;
  }

  private static boolean readForeignMember(
      JsonParser parser, String name, String member, Members members) throws IOException {
    switch (name) {
      case EvidenceFormat.ORIGIN -> members.origin = EvidenceReader.text(parser, member);
      case EvidenceFormat.LOCATION -> members.location = EvidenceReader.text(parser, member);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean readPosition(
      JsonParser parser, String name, String member, Members members) throws IOException {
    switch (name) {
      case EvidenceFormat.FIRST_POSITION ->
          members.firstPosition = EvidenceReader.number(parser, member);
      case EvidenceFormat.END_POSITION ->
          members.endPosition = EvidenceReader.number(parser, member);
      case EvidenceFormat.BYTES -> members.bytes = EvidenceReader.number(parser, member);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void readData(JsonParser parser, String member, Members members) throws IOException {
    Path file = Files.createTempFile(folder, "cairn-evidence-", ".log"); // 0600
    files.add(file);
    try (OutputStream kept = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES);
        BoundedOutput out = new BoundedOutput(kept, member, limits.maxLogBytes())) {
      EvidenceReader.decode(parser, member, out);
      members.dataBytes = out.written();
    }
    members.data = file;
  }

  private static ForeignLog.Origin origin(String prefix, @Nullable String name)
      throws MalformedEvidenceException {
    for (ForeignLog.Origin origin : ForeignLog.Origin.values()) {
      if (EvidenceFormat.name(origin).equals(name)) {
        return origin;
      }
    }
    throw new MalformedEvidenceException(
        prefix + EvidenceFormat.ORIGIN,
        "%s, needs one of %s"
            .formatted(
                name,
                Arrays.stream(ForeignLog.Origin.values()).map(EvidenceFormat::name).toList()));
  }

  private static LogFormat format(String prefix, String label) throws MalformedEvidenceException {
    return LogFormat.ofLabel(label)
        .orElseThrow(
            () ->
                new MalformedEvidenceException(
                    prefix + EvidenceFormat.FORMAT,
                    "'%s' is no format that this release knows".formatted(label)));
  }

  Evidence finish(EvidenceHead head) {
    return new Evidence(head, foreign, Optional.ofNullable(log), endPosition, files);
  }

  void discard() throws IOException {
    Evidence.delete(files);
  }
}
