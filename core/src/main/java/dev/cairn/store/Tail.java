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
 * The end of the log that grows: appends batches, begins segments, cuts. Whatever fails, either the
 * files are durably as before, or nothing is ever written again. One thread.
 */
final class Tail implements Closeable {
  private final Disk disk;
  private final long segmentBytes;
  private final ChannelPool channels;
  private List<Segment> segments; // immutable, replaced as a whole: readers share it
  private DurableFile file; // of the last segment
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
    Path path = segments.get(segments.size() - 1).log();
    this.file = new DurableFile(path, disk.open(path), length);
  }

  List<Segment> segments() {
    return segments;
  }

  Segment last() {
    return segments.get(segments.size() - 1);
  }

  /** Returns the length of the last segment. */
  long length() {
    return file.length();
  }

  long endOffset() {
    return last().baseOffset() + file.length();
  }

  /** Refuses if an earlier failure was final. */
  void requireWritable() throws StorageException {
    if (failure != null) {
      throw StorageException.refused(last().log(), failure);
    }
    file.requireWritable();
  }

  /** Begins a segment at {@code position} if {@code bytes} more would be too many for the last. */
  void makeRoom(int bytes, long position) throws StorageException {
    if (file.length() == 0 || file.length() + bytes <= segmentBytes) {
      return;
    }
    Segment next = new Segment(last().directory(), position, endOffset());
    Disk.WritableFile created;
    try {
      created = create(disk, next);
    } catch (IOException e) {
      throw notBegun(next, e);
    }
    DurableFile sealed = file;
    file = new DurableFile(next.log(), created, 0);
    List<Segment> more = new ArrayList<>(segments);
    more.add(next);
    segments = List.copyOf(more);
    try {
      sealed.close();
    } catch (IOException e) {
      throw failed(sealed.path(), "cannot be closed", e);
    }
  }

  private StorageException notBegun(Segment next, IOException cause) {
    try {
      disk.delete(next.log());
      disk.syncDirectory(next.directory());
    } catch (IOException e) {
      cause.addSuppressed(e);
      return failed(next.log(), "segment cannot be made, nor what is there be removed", cause);
    }
    return StorageException.recovered(
        next.log(), "segment cannot be made; nothing of it is left", cause);
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
    file.append(batch);
  }

  /** Makes byte {@code keptLength} of segment {@code keep} the end of the log, durably. */
  void cut(int keep, long keptLength) throws StorageException {
    if (keep < segments.size() - 1) {
      try {
        removeBehind(keep);
      } catch (IOException e) {
        throw failed(last().log(), "segments behind a cut cannot be removed", e);
      }
    }
    file.cut(keptLength);
  }

  private void removeBehind(int keep) throws IOException {
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
    Path path = last().log();
    file = new DurableFile(path, disk.open(path), Files.size(path));
  }

  /** Makes this failure final: nothing is written any more. */
  StorageException failed(Path path, String what, IOException cause) {
    StorageException e = StorageException.last(path, what, cause);
    failure = e;
    return e;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
