package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.cel.CelTlv;
import dev.cairn.testing.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Holds a log against what clients were told about their events. Each event's operation is unique.
 */
final class ReceiptAudit {
  private static final String ACKNOWLEDGED = "201";
  private static final String REFUSED_BY_THE_DEVICE = "502";

  private final List<EventRecord> records = new ArrayList<>();
  private final Map<String, Integer> positions = new HashMap<>(); // by operation
  private final List<String> violations = new ArrayList<>();
  private int acknowledged;

  /** Reads {@code log}, in CEL-TLV. */
  ReceiptAudit(Path log) throws IOException {
    try (EventReader reader = CelTlv.reader(Files.newInputStream(log), Limits.DEFAULT)) {
      for (EventRecord next = reader.next(); next != null; next = reader.next()) {
        operation(next).ifPresent(this::place);
        records.add(next);
      }
    }
  }

  private void place(String operation) {
    if (positions.put(operation, records.size()) != null) {
      violations.add(operation + " is in the log twice");
    }
  }

  private static Optional<String> operation(EventRecord record) {
    return record.content() instanceof PcClientEvent event
        ? AaelEvent.parse(event).map(AaelEvent::operation)
        : Optional.empty();
  }

  /**
   * Adds what one client was told: for each event a line with the body of the answer, which may be
   * empty, and one with status and operation; status 000 if there was no answer.
   */
  void add(Path receipts) throws IOException {
    String body = "";
    for (String line : Files.readAllLines(receipts, UTF_8)) {
      if (line.matches("[0-9]{3} [^ {]+")) {
        check(line.substring(0, 3), line.substring(4), body);
        body = "";
      } else {
        body += line;
      }
    }
  }

  private void check(String status, String operation, String body) {
    if (status.equals(REFUSED_BY_THE_DEVICE) && positions.containsKey(operation)) {
      violations.add(operation + " was refused and is in the log");
    }
    if (!status.equals(ACKNOWLEDGED)) {
      return;
    }
    acknowledged++;
    Integer position = positions.get(operation);
    if (position == null) {
      violations.add(operation + " was acknowledged and is not in the log");
      return;
    }
    EventRecord record = records.get(position);
    Map<String, Object> receipt = Json.parseObject(body.getBytes(UTF_8));
    Map<String, Object> digests = new TreeMap<>();
    record.digests().forEach(d -> digests.put(d.algorithm().bank(), d.value().toHex()));
    if (Json.number(receipt, "position") != position
        || Json.number(receipt, "recnum") != record.recnum()
        || !Json.text(receipt, "register").equals(record.register().name())
        || !new TreeMap<>(Json.object(receipt, "digests")).equals(digests)) {
      violations.add(
          "%s is record %d of the log, %s, and its receipt says %s"
              .formatted(operation, position, record, body));
    }
  }

  /** Returns how many events were. */
  int acknowledged() {
    return acknowledged;
  }

  /** Returns what is not as it was promised; empty if all is. */
  List<String> violations() {
    return violations;
  }
}
