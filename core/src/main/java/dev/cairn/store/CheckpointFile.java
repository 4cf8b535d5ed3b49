package dev.cairn.store;

import static java.nio.file.StandardOpenOption.READ;

import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of one segment, {@code .ckp}: one after the other, ascending by position;
 * big-endian. What follows the last whole one does not count.
 *
 * <pre>
 * offset  size
 *      0     8   position: how many records of the epoch it covers
 *      8     4   length L of the payload, up to 16 MiB
 *     12     4   CRC-32C of the 12 bytes before and of the payload
 *     16     L   payload
 * </pre>
 */
final class CheckpointFile {
  static final int MAX_PAYLOAD = 1 << 24;

  private static final int LENGTH_AT = Long.BYTES;
  private static final int CRC_AT = LENGTH_AT + Integer.BYTES;
  private static final int PAYLOAD_AT = CRC_AT + Integer.BYTES;

  private CheckpointFile() {}

  static ByteBuffer encode(Checkpoint checkpoint) {
    Bytes payload = checkpoint.payload();
    if (payload.length() > MAX_PAYLOAD) {
      throw new IllegalArgumentException(
          "checkpoint payload of %d bytes: needs up to %d"
              .formatted(payload.length(), MAX_PAYLOAD));
    }
    ByteBuffer bytes = ByteBuffer.allocate(PAYLOAD_AT + payload.length());
    bytes.putLong(checkpoint.position()).putInt(payload.length()).putInt(0);
    payload.copyTo(bytes);
    bytes.putInt(CRC_AT, crc(bytes.array(), payload.length()));
    return bytes.flip();
  }

  private static int crc(byte[] bytes, int payloadLength) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, CRC_AT);
    crc.update(bytes, PAYLOAD_AT, payloadLength);
    return (int) crc.getValue();
  }

  /**
   * What a file holds up to some position.
   *
   * @param last the newest whole checkpoint, or null
   * @param end offset in the file behind it
   */
  record Found(@Nullable Checkpoint last, long end) {}

  /** Returns the newest whole checkpoint of a log that covers {@code atMost} records. */
  static Optional<Checkpoint> findLast(LogView view, long atMost) throws IOException {
    for (int i = view.segmentOf(atMost); i >= 0; i--) {
      Checkpoint last = find(view.segments().get(i).checkpoints(), atMost).last();
      if (last != null) {
        return Optional.of(last);
      }
    }
    return Optional.empty();
  }

  /** Returns the newest whole checkpoint of {@code file} that covers {@code atMost} records. */
  static Found find(Path file, long atMost) throws IOException {
    if (!Files.exists(file)) {
      return new Found(null, 0);
    }
    try (FileChannel channel = FileChannel.open(file, READ)) {
      Found found = new Found(null, 0);
      ByteBuffer head = ByteBuffer.allocate(PAYLOAD_AT);
      while (true) {
        head.clear();
        LogView.readFully(channel, head, found.end());
        if (head.hasRemaining()) {
          return found;
        }
        Optional<Checkpoint> next = read(channel, head.flip(), found.end());
        if (next.isEmpty() || next.get().position() > atMost) {
          return found;
        }
        found = new Found(next.get(), found.end() + PAYLOAD_AT + next.get().payload().length());
      }
    }
  }

  private static Optional<Checkpoint> read(FileChannel channel, ByteBuffer head, long at)
      throws IOException {
    long position = head.getLong();
    int length = head.getInt();
    if (length < 0 || length > MAX_PAYLOAD || length > channel.size() - at - PAYLOAD_AT) {
      return Optional.empty();
    }
    ByteBuffer whole = ByteBuffer.allocate(PAYLOAD_AT + length);
    LogView.readFully(channel, whole, at);
    if (whole.hasRemaining() || crc(whole.array(), length) != whole.getInt(CRC_AT)) {
      return Optional.empty();
    }
    return Optional.of(new Checkpoint(position, Bytes.copyOf(whole.array(), PAYLOAD_AT, length)));
  }
}
