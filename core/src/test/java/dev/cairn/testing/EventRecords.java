package dev.cairn.testing;

import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/**
 * Records of every kind of register, digest and content, from a seed: the same seed, the same
 * records.
 */
public final class EventRecords {
  private static final int KINDS = 12;
  private static final int MAX_DATA = 300;
  private static final long[] EDGES = {0, 1, 23, 24, 255, 256, 65535, 65536, 0xFFFF_FFFFL};

  private final Random random;
  private final OpaqueContent.Encoding encoding;

  /** Makes a source of records that {@code encoding} can say. */
  public EventRecords(long seed, OpaqueContent.Encoding encoding) {
    this.random = new Random(seed);
    this.encoding = encoding;
  }

  /** Returns {@code count} records. */
  public List<EventRecord> list(int count) {
    List<EventRecord> records = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      records.add(next());
    }
    return records;
  }

  /** Returns the next record. */
  public EventRecord next() {
    long recnum = random.nextBoolean() ? random.nextInt(100) : random.nextLong() >>> 1;
    return new EventRecord(recnum, register(), digests(), unknownDigests(), content());
  }

  /** Reads {@code reader} to its end. */
  public static List<EventRecord> readAll(EventReader reader) throws IOException {
    List<EventRecord> records = new ArrayList<>();
    for (EventRecord record = reader.next(); record != null; record = reader.next()) {
      records.add(record);
    }
    return records;
  }

  private RegisterId register() {
    RegisterId.Kind[] kinds = RegisterId.Kind.values();
    return new RegisterId(kinds[random.nextInt(kinds.length)], u32());
  }

  private DigestSet digests() {
    List<Digest> digests = new ArrayList<>();
    for (HashAlgorithm algorithm : HashAlgorithm.values()) {
      if (random.nextInt(3) == 0) {
        digests.add(new Digest(algorithm, bytes(algorithm.sizeBytes())));
      }
    }
    if (digests.isEmpty()) {
      digests.add(new Digest(HashAlgorithm.SHA384, bytes(HashAlgorithm.SHA384.sizeBytes())));
    }
    return DigestSet.of(digests);
  }

  private List<UnknownDigest> unknownDigests() {
    if (random.nextInt(4) != 0) {
      return List.of();
    }
    TreeSet<Integer> ids = new TreeSet<>();
    int max = encoding == OpaqueContent.Encoding.TLV ? 0x100 : 0x10000;
    for (int i = random.nextInt(4); i > 0; i--) {
      int id = random.nextInt(max);
      if (HashAlgorithm.ofTpmId(id).isEmpty()) {
        ids.add(id);
      }
    }
    return ids.stream().map(id -> new UnknownDigest(id, bytes(random.nextInt(129)))).toList();
  }

  private EventContent content() {
    return switch (random.nextInt(KINDS)) {
      case 0 -> new PcClientEvent(EventTypes.EV_NO_ACTION, data());
      case 1, 2, 3 -> new PcClientEvent(u32(), data());
      case 4 -> new ImaTemplate(text(), data());
      case 5 -> new ImaTlv(data());
      case 6 -> new SystemdEvent(data());
      case 7 -> new Management.CelVersion(random.nextInt(65536), random.nextInt(65536));
      case 8 -> new Management.FirmwareEnd();
      case 9 -> new Management.Timestamp(random.nextLong() >>> random.nextInt(64));
      case 10 -> new Management.StateTransition(u32());
      default -> opaque();
    };
  }

  private OpaqueContent opaque() {
    return switch (encoding) {
      case TLV -> new OpaqueContent(Integer.toString(11 + random.nextInt(245)), encoding, data());
      case JSON -> new OpaqueContent("x-" + random.nextInt(100), encoding, Values.json(random));
      case CBOR ->
          new OpaqueContent(
              Long.toString(11 + random.nextInt(1000)), encoding, Values.cbor(random));
    };
  }

  private long u32() {
    return random.nextBoolean()
        ? EDGES[random.nextInt(EDGES.length)]
        : Integer.toUnsignedLong(random.nextInt());
  }

  private String text() {
    return random
        .ints(random.nextInt(20), 1, Character.MAX_CODE_POINT)
        .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private Bytes data() {
    return bytes(random.nextInt(8) == 0 ? 0 : random.nextInt(MAX_DATA));
  }

  private Bytes bytes(int length) {
    byte[] array = new byte[length];
    random.nextBytes(array);
    return Bytes.owning(array);
  }
}
