package dev.cairn.eventlog.systemd;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/** Logs as systemd writes them, from a seed; and their bytes. */
final class SystemdLogs {
  private static final List<HashAlgorithm> BANKS =
      List.of(
          HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SM3_256);
  private static final List<RegisterId> REGISTERS =
      List.of(
          RegisterId.pcr(11),
          RegisterId.pcr(15),
          RegisterId.rtmr(2),
          new RegisterId(RegisterId.Kind.NV, 0x01d10200));

  private SystemdLogs() {}

  static List<EventRecord> list(long seed, int count) {
    Random random = new Random(seed);
    Hasher hasher = new Hasher();
    Map<RegisterId, Integer> next = new HashMap<>();
    List<EventRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      RegisterId register = REGISTERS.get(random.nextInt(REGISTERS.size()));
      Bytes text = Bytes.copyOf(text(random).getBytes(UTF_8));
      DigestSet digests = hasher.hash(BANKS.subList(0, random.nextInt(BANKS.size() + 1)), text);
      records.add(
          new EventRecord(
              next.merge(register, 1, Integer::sum) - 1,
              register,
              digests,
              new SystemdEvent(text)));
    }
    return records;
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder("phase-");
    for (int i = random.nextInt(40); i > 0; i--) {
      text.append((char) ('!' + random.nextInt(900)));
    }
    return text.toString();
  }

  static byte[] encode(List<EventRecord> records) {
    return records.stream()
        .map(record -> "\u001e" + json(record) + "\n")
        .collect(Collectors.joining())
        .getBytes(UTF_8);
  }

  private static String json(EventRecord record) {
    RegisterId id = record.register();
    String register =
        switch (id.kind()) {
          case PCR -> "\"pcr\":" + id.index();
          case NV -> "\"nv_index\":" + id.index();
          case CCMR -> "\"rtmr\":%d,\"mapped_pcr\":11".formatted(id.index() - 1);
        };
    String digests =
        java.util.stream.StreamSupport.stream(record.digests().spliterator(), false)
            .map(SystemdLogs::json)
            .collect(Collectors.joining(","));
    String text = new String(((SystemdEvent) record.content()).text().toArray(), UTF_8);
    return "{%s,\"digests\":[%s],\"content_type\":\"systemd\",\"content\":{\"string\":\"%s\",\"bootId\":\"00\",\"timestamp\":12,\"eventType\":\"phase\"}}"
        .formatted(register, digests, text.replace("\\", "\\\\").replace("\"", "\\\""));
  }

  private static String json(Digest digest) {
    return "{\"hashAlg\":\"%s\",\"digest\":\"%s\"}"
        .formatted(digest.algorithm().bank(), digest.value().toHex());
  }
}
