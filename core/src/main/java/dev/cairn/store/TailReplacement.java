package dev.cairn.store;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.eventlog.cel.CelTlv;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The records, and their keys, that are to stand in the log from one position on. While the file
 * {@code tail} with them exists, the log is being changed, and whoever opens it completes the
 * change. Written beside its place and renamed: it is there wholly or not at all.
 *
 * <pre>
 * offset  size  (big-endian)
 *      0     8  "CAIRNTAI"
 *      8     4  version, 1
 *     12     4  number of keys k
 *     16     8  position of the first record
 *     24     8  number of records
 *     32   84k  keys, see {@link KeyLayout}
 *      …        the records, CEL-TLV
 *      …     4  CRC-32C of all before
 * </pre>
 *
 * @param position where they begin; records before it stay
 * @param records what stands there afterwards
 * @param keys of these records, ascending by position
 */
record TailReplacement(long position, List<EventRecord> records, List<KeyEntry> keys) {
  private static final String NAME = "tail";
  private static final long MAGIC = 0x4341_4952_4E54_4149L; // "CAIRNTAI"
  private static final int VERSION = 1;
  private static final int HEAD_BYTES =
      Long.BYTES + Integer.BYTES + Integer.BYTES + Long.BYTES + Long.BYTES;

  static Path path(Path directory) {
    return directory.resolve(NAME);
  }

  private static Path beside(Path directory) {
    return directory.resolve(NAME + ".new");
  }

  /**
   * Puts it beside its place, durably.
   *
   * @throws StorageException if that fails; recovered: nothing has changed
   */
  void prepare(Disk disk, Path directory) throws StorageException, UnrepresentableRecordException {
    ByteBuffer bytes = encode();
    Path beside = beside(directory);
    try {
      disk.delete(beside);
      try (Disk.WritableFile file = disk.create(beside)) {
        Disk.writeFully(file, bytes, 0);
        file.sync();
      }
    } catch (IOException e) {
      throw StorageException.recovered(beside, "cannot be written; the log is as before", e);
    }
  }

  /** Puts what was prepared in its place, durably: from here on the change is completed. */
  static void decide(Disk disk, Path directory) throws IOException {
    disk.replace(beside(directory), path(directory));
    disk.syncDirectory(directory);
  }

  /** Ends the change, durably. */
  static void end(Disk disk, Path directory) throws IOException {
    disk.delete(path(directory));
    disk.syncDirectory(directory);
  }

  private ByteBuffer encode() throws UnrepresentableRecordException {
    int size = HEAD_BYTES + Integer.BYTES;
    size = Math.addExact(size, Math.multiplyExact(keys.size(), KeyLayout.ENTRY_BYTES));
    for (EventRecord record : records) {
      size = Math.addExact(size, CelTlv.encodedLength(record));
    }
    ByteBuffer bytes = ByteBuffer.allocate(size);
    bytes.putLong(MAGIC).putInt(VERSION).putInt(keys.size());
    bytes.putLong(position).putLong(records.size());
    for (KeyEntry key : keys) {
      KeyLayout.put(bytes, key);
    }
    for (EventRecord record : records) {
      CelTlv.encode(record, bytes);
    }
    bytes.putInt(crc(bytes.array(), bytes.position()));
    return bytes.flip();
  }

  /**
   * Returns the change that is to be completed in {@code directory}, if there is one.
   *
   * @throws IOException if it cannot be read, or is damaged; the message says what to do
   */
  static Optional<TailReplacement> find(Path directory, Limits limits) throws IOException {
    Path path = path(directory);
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    byte[] bytes = Files.readAllBytes(path);
    int end = bytes.length - Integer.BYTES;
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (end < HEAD_BYTES
        || crc(bytes, end) != in.getInt(end)
        || in.getLong() != MAGIC
        || in.getInt() != VERSION) {
      throw damage(path, "is not what was written, or of a later version");
    }
    int keyCount = in.getInt();
    long position = in.getLong();
    long recordCount = in.getLong();
    List<KeyEntry> keys = new ArrayList<>();
    for (int i = 0; i < keyCount; i++) {
      keys.add(
          KeyLayout.get(bytes, in.position()).orElseThrow(() -> damage(path, "a key is damaged")));
      in.position(in.position() + KeyLayout.ENTRY_BYTES);
    }
    List<EventRecord> records = new ArrayList<>();
    var rest = new ByteArrayInputStream(bytes, in.position(), end - in.position());
    try (EventReader reader = CelTlv.reader(rest, limits)) {
      for (EventRecord next = reader.next(); next != null; next = reader.next()) {
        records.add(next);
      }
    } catch (MalformedLogException e) {
      throw damage(path, e.reason());
    }
    if (records.size() != recordCount) {
      throw damage(path, "it has %d records, not %d".formatted(records.size(), recordCount));
    }
    return Optional.of(new TailReplacement(position, List.copyOf(records), List.copyOf(keys)));
  }

  private static IOException damage(Path path, String reason) {
    return new IOException(
        "%s: holds the end of the log and cannot be used: %s; restore it from a copy, or remove it: records that were extended last are lost then"
            .formatted(path, reason));
  }

  private static int crc(byte[] bytes, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, end);
    return (int) crc.getValue();
  }
}
