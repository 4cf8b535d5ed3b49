package dev.cairn.service;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The registers at one position of the log, as the store keeps them.
 *
 * <pre>
 * size  field                       big-endian
 *    1  version = 1
 *    2  number of registers
 *       per register:
 *    1    kind: 0 PCR, 1 CCMR, 2 NV
 *    4    index
 *    8    number of the next record
 *    8    gaps met
 *    1    number of banks
 *         per bank:
 *    2      TPM_ALG_ID
 *    n      value, as long as the algorithm's digest
 * </pre>
 *
 * The store guards it with a checksum; whatever still does not parse counts as no checkpoint at
 * all, for it is derived from the log.
 */
final class CheckpointPayload {
  private static final int VERSION = 1;
  private static final List<RegisterId.Kind> KINDS =
      List.of(RegisterId.Kind.PCR, RegisterId.Kind.CCMR, RegisterId.Kind.NV);
  private static final int HEAD = Byte.BYTES + Short.BYTES;
  private static final int REGISTER =
      Byte.BYTES + Integer.BYTES + Long.BYTES + Long.BYTES + Byte.BYTES;

  private CheckpointPayload() {}

  static Bytes encode(Map<RegisterId, LogReplay.Point> points) {
    int size = HEAD;
    for (LogReplay.Point point : points.values()) {
      size += REGISTER;
      for (Digest digest : point.value()) {
        size += Short.BYTES + digest.value().length();
      }
    }
    ByteBuffer out = ByteBuffer.allocate(size).put((byte) VERSION).putShort((short) points.size());
    points.forEach(
        (id, point) -> {
          out.put((byte) KINDS.indexOf(id.kind())).putInt((int) id.index());
          out.putLong(point.nextRecnum()).putLong(point.gaps());
          out.put((byte) point.value().size());
          for (Digest digest : point.value()) {
            out.putShort((short) digest.algorithm().tpmId());
            digest.value().copyTo(out);
          }
        });
    return Bytes.owning(out.array());
  }

  /** Returns the registers, or nothing if the payload is of another version or breaks off. */
  static Optional<Map<RegisterId, LogReplay.Point>> decode(Bytes payload) {
    ByteBuffer in = payload.toReadOnlyBuffer();
    try {
      if (in.get() != VERSION) {
        return Optional.empty();
      }
      int count = Short.toUnsignedInt(in.getShort());
      Map<RegisterId, LogReplay.Point> points = new TreeMap<>();
      for (int i = 0; i < count; i++) {
        RegisterId id = new RegisterId(KINDS.get(in.get()), Integer.toUnsignedLong(in.getInt()));
        long recnum = in.getLong();
        long gaps = in.getLong();
        points.put(id, new LogReplay.Point(value(in), recnum, gaps));
      }
      return in.hasRemaining() ? Optional.empty() : Optional.of(points);
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return Optional.empty(); // derived data: without it the replay begins further back
    }
  }

  private static DigestSet value(ByteBuffer in) {
    int banks = in.get();
    List<Digest> digests = new ArrayList<>(banks);
    for (int i = 0; i < banks; i++) {
      int id = Short.toUnsignedInt(in.getShort());
      HashAlgorithm bank =
          HashAlgorithm.ofTpmId(id)
              .orElseThrow(() -> new IllegalArgumentException("algorithm " + id));
      byte[] value = new byte[bank.sizeBytes()];
      in.get(value);
      digests.add(new Digest(bank, Bytes.owning(value)));
    }
    return DigestSet.of(digests);
  }
}
