package dev.cairn.coco;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.service.LogSnapshot;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * The committed log as a stream of {@link CocoRecord}s, kept in a file so that an evidence costs a
 * copy and no encoding. Derived from the log and thrown away at every start; nothing relies on what
 * an earlier run left. Any thread, one at a time; blocks.
 */
final class RecordFile implements Closeable {
  private static final int CHUNK = 64 * 1024;
  private static final int MOST_MARKS = 4096;

  private final HashAlgorithm bank;
  private final FileChannel file;

  /** Positions of the log and how long the file is there: where evidences have ended lately. */
  private final TreeMap<Long, Long> marks = new TreeMap<>(Map.of(0L, 0L));

  private RecordFile(HashAlgorithm bank, FileChannel file) {
    this.bank = bank;
    this.file = file;
  }

  /**
   * Makes an empty one in {@code folder}. Its name is gone at once, so that it needs no cleaning
   * up.
   *
   * @throws IOException if it cannot be made
   */
  static RecordFile in(Path folder, HashAlgorithm bank) throws IOException {
    Path path = Files.createTempFile(folder, "coco-records", null);
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Files.delete(path);
    return new RecordFile(bank, channel);
  }

  /**
   * Returns how long the records before {@code position} are, after encoding what is missing.
   *
   * @param log has at least those records
   * @throws IOException if the log cannot be read or the file not be written
   * @throws IllegalArgumentException if a record has no digest of the bank
   */
  synchronized long lengthAt(LogSnapshot log, long position) throws IOException {
    Map.Entry<Long, Long> known = marks.floorEntry(position);
    if (known.getKey() == position) {
      return known.getValue();
    }
    boolean isNew = known.getKey().equals(marks.lastKey());
    long length = known.getValue();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    try (EventReader reader = log.read(known.getKey())) {
      for (long at = known.getKey(); at < position; at++) {
        EventRecord record = reader.next();
        if (record == null) {
          throw new IOException("the log ends at record %d of %d".formatted(at, position));
        }
        byte[] encoded = CocoRecord.encode(record, bank).orElse(new byte[0]);
        if (isNew) {
          chunk = put(chunk, encoded, length);
        }
        length += encoded.length;
      }
    }
    if (isNew) {
      flush(chunk, length);
    }
    marks.put(position, length);
    if (marks.size() > MOST_MARKS) {
      marks.remove(marks.higherKey(0L)); // the oldest; the start is always needed
    }
    return length;
  }

  private ByteBuffer put(ByteBuffer chunk, byte[] encoded, long length) throws IOException {
    if (encoded.length > chunk.remaining()) {
      flush(chunk, length);
    }
    if (encoded.length > chunk.remaining()) {
      chunk = ByteBuffer.allocate(encoded.length);
    }
    return chunk.put(encoded);
  }

  /** Writes {@code chunk} so that the file ends at {@code length}. */
  private void flush(ByteBuffer chunk, long length) throws IOException {
    chunk.flip();
    long at = length - chunk.remaining();
    while (chunk.hasRemaining()) {
      at += file.write(chunk, at);
    }
    chunk.clear();
  }

  /**
   * Reads once at {@code from}.
   *
   * @return how many bytes came, at least one
   * @throws IOException if there are none: nobody reads beyond {@link #lengthAt}
   */
  int read(long from, byte[] target, int offset, int length) throws IOException {
    int count = file.read(ByteBuffer.wrap(target, offset, length), from);
    if (count <= 0) {
      throw new IOException("the derived records end before byte " + from);
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
