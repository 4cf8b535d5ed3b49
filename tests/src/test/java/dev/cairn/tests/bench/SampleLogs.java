package dev.cairn.tests.bench;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Logs as they occur, from a fixed seed. */
final class SampleLogs {
  private static final int IMA_PCR = 10;

  private SampleLogs() {}

  /**
   * Returns records as the CoCo agent makes them: tagged events of about 110 bytes, whose digests
   * are the hash of the event data in {@code banks}.
   */
  static List<EventRecord> events(int count, RegisterId register, List<HashAlgorithm> banks) {
    Hasher hasher = new Hasher();
    Random random = new Random(1);
    List<EventRecord> records = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      String image =
          "registry.example.org/team/service-%d@sha256:%016x".formatted(i, random.nextLong());
      PcClientEvent event =
          new AaelEvent("github.com/confidential-containers", "PullImage", image).toPcClientEvent();
      records.add(new EventRecord(i, register, hasher.hash(banks, event.data()), event));
    }
    return records;
  }

  /** Returns {@code records} in {@code format}. */
  static byte[] write(LogFormat format, List<EventRecord> records) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (EventWriter writer = EventLogs.writer(format, out)) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }
    return out.toByteArray();
  }

  /**
   * Returns a binary IMA list of template ima-ng: file digests of SHA-256 and paths of about 40
   * bytes.
   *
   * @param bank of the template digests: SHA-1 as in binary_runtime_measurements, or another as in
   *     binary_runtime_measurements_sha256
   */
  static byte[] ima(int count, HashAlgorithm bank) {
    Hasher hasher = new Hasher();
    Random random = new Random(1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] template = "ima-ng".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < count; i++) {
      byte[] data = imaNg(random, "/usr/lib/x86_64-linux-gnu/libexample-%d.so.1".formatted(i));
      DigestSet digest = hasher.hash(List.of(bank), Bytes.copyOf(data));
      ByteBuffer record =
          ByteBuffer.allocate(64 + bank.sizeBytes() + data.length).order(ByteOrder.LITTLE_ENDIAN);
      record.putInt(IMA_PCR);
      digest.at(0).value().copyTo(record);
      record.putInt(template.length).put(template).putInt(data.length).put(data);
      out.write(record.array(), 0, record.position());
    }
    return out.toByteArray();
  }

  private static byte[] imaNg(Random random, String path) {
    byte[] prefix = "sha256:\0".getBytes(StandardCharsets.US_ASCII);
    byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] digest = new byte[HashAlgorithm.SHA256.sizeBytes()];
    random.nextBytes(digest);
    int digestField = prefix.length + digest.length;
    ByteBuffer data =
        ByteBuffer.allocate(2 * Integer.BYTES + digestField + name.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(digestField).put(prefix).put(digest).putInt(name.length).put(name);
    return data.array();
  }
}
