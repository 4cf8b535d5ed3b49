package dev.cairn.store;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.cel.CelTlv;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Records and headers for the tests of the store. */
final class Logs {
  static final RegisterId RTMR2 = RegisterId.rtmr(2);
  static final int DATA_BYTES = 20;

  /** What a record with {@link #DATA_BYTES} of event data takes on disk. */
  static final int RECORD_BYTES = 13 + 6 + 5 + 53 + 5 + 9 + 5 + DATA_BYTES;

  private Logs() {}

  /** Returns a header of no importance. */
  static EpochHeader header() {
    return new EpochHeader(
        "emulator",
        new RegisterLife("boot-1", OptionalLong.of(5), OptionalLong.empty()),
        Instant.parse("2026-01-01T00:00:00Z"),
        Map.of(
            RTMR2,
            new StartValue(DigestSet.filled(List.of(HashAlgorithm.SHA384), 0), "reset value")));
  }

  /** Returns the record that belongs at {@code position}, different from every other. */
  static EventRecord record(long position) {
    return record(position, DATA_BYTES);
  }

  /** Returns a record with so much event data. */
  static EventRecord record(long position, int dataBytes) {
    byte[] data = new byte[dataBytes];
    for (int i = 0; i < dataBytes; i++) {
      data[i] = (byte) (position * 31 + i);
    }
    return new EventRecord(
        position,
        RTMR2,
        DigestSet.of(new Digest(HashAlgorithm.SHA384, Bytes.filled(48, (int) position))),
        new PcClientEvent(EventTypes.EV_EVENT_TAG, Bytes.owning(data)));
  }

  /** Returns records {@code from} to {@code to}, exclusive. */
  static List<EventRecord> records(long from, long to) {
    List<EventRecord> records = new ArrayList<>();
    for (long position = from; position < to; position++) {
      records.add(record(position));
    }
    return records;
  }

  /** Reads to the end and closes. */
  static List<EventRecord> readAll(EventReader reader) throws IOException {
    try (reader) {
      List<EventRecord> records = new ArrayList<>();
      for (EventRecord next = reader.next(); next != null; next = reader.next()) {
        records.add(next);
      }
      return records;
    }
  }

  /** Reads up to the damage and closes; fails if there is none. */
  static List<EventRecord> readUntilDamage(EventReader reader) throws IOException {
    try (reader) {
      List<EventRecord> records = new ArrayList<>();
      while (true) {
        try {
          EventRecord next = reader.next();
          if (next == null) {
            throw new AssertionError("no damage after " + records.size() + " records");
          }
          records.add(next);
        } catch (MalformedLogException e) {
          return records;
        }
      }
    }
  }

  /** Encodes what the reader gives. */
  static byte[] bytesOf(EventReader reader) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (EventWriter writer = CelTlv.writer(bytes)) {
      for (EventRecord record : readAll(reader)) {
        writer.write(record);
      }
    }
    return bytes.toByteArray();
  }

  /** Reads slices one after the other. */
  static byte[] bytesOf(List<SegmentSlice> slices) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (SegmentSlice slice : slices) {
      ByteBuffer buffer = ByteBuffer.allocate((int) slice.length());
      LogView.readFully(slice.channel(), buffer, slice.offset());
      bytes.write(buffer.array(), 0, buffer.position());
    }
    return bytes.toByteArray();
  }
}
