package dev.cairn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small logs with right digests. */
final class SampleLogs {
  static final RegisterId RTMR2 = RegisterId.rtmr(2);

  private SampleLogs() {}

  /** Returns {@code count} AAEL events of RTMR 2, numbered from {@code first}. */
  static List<EventRecord> events(long first, int count) {
    List<EventRecord> records = new ArrayList<>();
    for (long recnum = first; recnum < first + count; recnum++) {
      PcClientEvent event = new AaelEvent("test", "Run", "event " + recnum).toPcClientEvent();
      records.add(
          new EventRecord(
              recnum, RTMR2, DigestSet.of(HashAlgorithm.SHA384.hash(event.data())), event));
    }
    return records;
  }

  /** Returns a record that CEL can say and a tcg2 log cannot. */
  static EventRecord systemd(long recnum) {
    Bytes text = Bytes.copyOf("machine-id:1".getBytes(UTF_8));
    return new EventRecord(
        recnum, RTMR2, DigestSet.of(HashAlgorithm.SHA384.hash(text)), new SystemdEvent(text));
  }

  static Path write(Path path, LogFormat format, List<EventRecord> records) throws IOException {
    try (OutputStream out = Files.newOutputStream(path);
        EventWriter writer = EventLogs.writer(format, out)) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }
    return path;
  }
}
