package dev.cairn.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of the log that grows: writes batches, begins segments, cuts. Whatever fails, either the
 * files are durably as before, or nothing is ever written again. One thread.
 */
final class Tail implements Closeable {
  private final Disk disk;
  private final long segmentBytes;
  private final ChannelPool channels;
  private List<Segment> segments; // immutable, replaced as a whole: readers share it
  private Disk.WritableFile file;
  private long length; // of the last segment
  private @Nullable StorageException failure;

  /**
   * Goes on behind the last segment.
   *
   * @param length of the last segment, whole records only
   */
  Tail(Disk disk, long segmentBytes, ChannelPool channels, List<Segment> segments, long length)
      throws IOException {
    this.disk = disk;
    this.segmentBytes = segmentBytes;
    this.channels = channels;
    this.segments = List.copyOf(segments);
    this.length = length;
    this.file = disk.open(last().log());
  }

  List<Segment> segments() {
    return segments;
  }

  Segment last() {
    return segments.get(segments.size() - 1);
  }

  /** Returns the length of the last segment. */
  long length() {
    return length;
  }

  long endOffset() {
    return last().baseOffset() + length;
  }

  /** Refuses if an earlier failure was final. */
  void requireWritable() throws StorageException {
    if (failure != null) {
      throw new StorageException(
          last().log(), false, "refused, because an earlier failure is final", failure);
    }
  }

  /** Begins a segment at {@code position} if {@code bytes} more would be too many for the last. */
  void makeRoom(int bytes, long position) throws StorageException {
    if (length == 0 || length + bytes <= segmentBytes) {
      return;
    }
    Segment next = new Segment(last().directory(), position, endOffset());
    Disk.WritableFile created;
    try {
      created = create(disk, next);
    } catch (IOException e) {
      throw notBegun(next, e);
    }
    Disk.WritableFile sealed = file;
    file = created;
    length = 0;
    List<Segment> more = new ArrayList<>(segments);
    more.add(next);
    segments = List.copyOf(more);
    closeSealed(sealed);
  }

  private StorageException notBegun(Segment next, IOException cause) {
    try {
      disk.delete(next.log());
      disk.syncDirectory(next.directory());
    } catch (IOException e) {
      cause.addSuppressed(e);
      return finalFailure(
          next.log(), "new segment cannot be made, nor what is there removed", cause);
    }
    return StorageException.recovered(
        next.log(), "new segment cannot be made; nothing of it is left", cause);
  }

  private void closeSealed(Disk.WritableFile sealed) throws StorageException {
    try {
      sealed.close();
    } catch (IOException e) {
      throw finalFailure(last().log(), "the segment before cannot be closed", e);
    }
  }

  /** Makes the file of {@code segment}, durably. */
  static Disk.WritableFile create(Disk disk, Segment segment) throws IOException {
    Disk.WritableFile created = disk.create(segment.log());
    try {
      created.sync();
      disk.syncDirectory(segment.directory());
    } catch (IOException e) {
      try (created) {
        throw e;
      }
    }
    return created;
  }

  /** Writes {@code batch} behind the last byte, durably, with one write and one fdatasync. */
  void append(ByteBuffer batch) throws StorageException {
    int bytes = batch.remaining();
    try {
      Disk.writeFully(file, batch, length);
    } catch (IOException e) {
      throw cutBack(bytes, e);
    }
    try {
      file.sync();
    } catch (IOException e) {
      throw finalFailure(
          last().log(),
          "%d bytes from byte %d on cannot be made durable".formatted(bytes, length),
          e);
    }
    length += bytes;
  }

  private StorageException cutBack(int bytes, IOException cause) {
    String what = "%d bytes cannot be written at byte %d".formatted(bytes, length);
    try {
      file.truncate(length);
      file.sync();
    } catch (IOException e) {
      cause.addSuppressed(e);
      return finalFailure(last().log(), what + ", nor what was written be cut", cause);
    }
    return StorageException.recovered(last().log(), what + "; nothing of it is left", cause);
  }

  /** Makes {@code keep}, {@code keptLength} bytes long, the end of the log, durably. */
  void cut(int keep, long keptLength) throws StorageException {
    try {
      removeBehind(keep);
      file.truncate(keptLength);
      file.sync();
      length = keptLength;
    } catch (IOException e) {
      throw finalFailure(last().log(), "cannot be cut at byte " + keptLength, e);
    }
  }

  private void removeBehind(int keep) throws IOException {
    if (keep == segments.size() - 1) {
      return;
    }
    file.close();
    for (int i = segments.size() - 1; i > keep; i--) { // from the end: never a hole
      Segment segment = segments.get(i);
      for (Path path : List.of(segment.checkpoints(), segment.index(), segment.log())) {
        disk.delete(path);
        channels.forget(path);
      }
      disk.syncDirectory(segment.directory());
    }
    segments = List.copyOf(segments.subList(0, keep + 1));
    file = disk.open(last().log());
    length = Files.size(last().log());
  }

  private StorageException finalFailure(Path path, String what, IOException cause) {
    StorageException e =
        new StorageException(
            path, false, what + "; Cairn writes no more, restart it when the disk works", cause);
    failure = e;
    return e;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
