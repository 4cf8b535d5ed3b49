package dev.cairn.eventlog.tcg;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Puts a crypto-agile log together field by field, right or wrong. */
final class LogBytes {
  private final ByteBuffer out = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  /** A header record with index 0 that declares SHA-256 only. */
  static LogBytes sha256() {
    return new LogBytes().header(0, SpecIdEvent.of(List.of(HashAlgorithm.SHA256)).encode());
  }

  LogBytes header(int index, Bytes event) {
    return u32(index, 3).filled(20, 0).u32(event.length()).bytes(event);
  }

  /** A record with one digest whose bytes are all {@code filler}. */
  LogBytes record(int index, int type, HashAlgorithm algorithm, int filler, String event) {
    return u32(index, type, 1)
        .digest(algorithm.tpmId(), algorithm.sizeBytes(), filler)
        .event(event);
  }

  LogBytes digest(int algorithm, int size, int filler) {
    return u16(algorithm).filled(size, filler);
  }

  LogBytes event(String hex) {
    Bytes data = Bytes.fromHex(hex);
    return u32(data.length()).bytes(data);
  }

  LogBytes u32(long... values) {
    for (long value : values) {
      out.putInt((int) value);
    }
    return this;
  }

  LogBytes u16(int value) {
    out.putShort((short) value);
    return this;
  }

  LogBytes filled(int count, int filler) {
    return bytes(Bytes.filled(count, filler));
  }

  LogBytes hex(String hex) {
    return bytes(Bytes.fromHex(hex));
  }

  LogBytes bytes(Bytes bytes) {
    bytes.copyTo(out);
    return this;
  }

  int length() {
    return out.position();
  }

  byte[] toArray() {
    return Bytes.copyOf(out.array(), 0, out.position()).toArray();
  }
}
