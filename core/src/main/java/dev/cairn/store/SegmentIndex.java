package dev.cairn.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The {@code .idx} of one segment, opened for writing. See {@link IndexLayout}. One thread. */
final class SegmentIndex implements Closeable {
  private final Segment segment;
  private final Disk.WritableFile file;

  private SegmentIndex(Segment segment, Disk.WritableFile file) {
    this.segment = segment;
    this.file = file;
  }

  /** Opens it to go on behind {@code entries} good ones; without any it is made anew. */
  static SegmentIndex open(Disk disk, ChannelPool channels, Segment segment, long entries)
      throws IOException {
    Path path = segment.index();
    if (entries == 0) {
      disk.delete(path);
      channels.forget(path);
      SegmentIndex index = new SegmentIndex(segment, disk.create(path));
      try {
        Disk.writeFully(index.file, IndexLayout.head(segment.basePosition()), 0);
      } catch (IOException e) {
        try (index) {
          throw e;
        }
      }
      return index;
    }
    SegmentIndex index = new SegmentIndex(segment, disk.open(path));
    long length = IndexLayout.HEAD_BYTES + entries * IndexLayout.ENTRY_BYTES;
    if (Files.size(path) > length) {
      try {
        index.file.truncate(length);
      } catch (IOException e) {
        try (index) {
          throw e;
        }
      }
    }
    return index;
  }

  Segment segment() {
    return segment;
  }

  /** Writes entries of which the first is about {@code position}. */
  void write(long position, ByteBuffer entries) throws IOException {
    Disk.writeFully(file, entries, IndexLayout.entryOffset(segment.basePosition(), position));
  }

  void sync() throws IOException {
    file.sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /**
   * What an index on disk is worth.
   *
   * @param entries how many, from the first on, are whole and follow each other
   * @param end offset in the segment behind the record of the last one; 0 without any
   * @param lastCrc checksum of that record
   * @param lastLength length of that record
   */
  record State(long entries, long end, int lastCrc, int lastLength) {
    static final State NONE = new State(0, 0, 0, 0);
  }

  /**
   * Looks at the head, the size and the last entry; with {@code all} at every entry. Damage ends
   * what counts.
   */
  static State inspect(Segment segment, boolean all) throws IOException {
    if (!Files.exists(segment.index())) {
      return State.NONE;
    }
    try (FileChannel index = FileChannel.open(segment.index(), StandardOpenOption.READ)) {
      ByteBuffer head = ByteBuffer.allocate(IndexLayout.HEAD_BYTES);
      LogView.readFully(index, head, 0);
      if (!head.flip().equals(IndexLayout.head(segment.basePosition()))) {
        return State.NONE;
      }
      long entries = (index.size() - IndexLayout.HEAD_BYTES) / IndexLayout.ENTRY_BYTES;
      return all ? followAll(index, segment, entries) : lastOf(index, segment, entries);
    }
  }

  private static State lastOf(FileChannel index, Segment segment, long entries) throws IOException {
    if (entries == 0) {
      return State.NONE;
    }
    ByteBuffer last = ByteBuffer.allocate(IndexLayout.ENTRY_BYTES);
    long position = segment.basePosition() + entries - 1;
    LogView.readFully(index, last, IndexLayout.entryOffset(segment.basePosition(), position));
    return last.hasRemaining() || !IndexLayout.intact(last, 0)
        ? State.NONE
        : stateOf(last, 0, entries);
  }

  private static State followAll(FileChannel index, Segment segment, long entries)
      throws IOException {
    State state = State.NONE;
    ByteBuffer run = ByteBuffer.allocate(2048 * IndexLayout.ENTRY_BYTES);
    while (state.entries() < entries) {
      run.clear();
      long left = (entries - state.entries()) * IndexLayout.ENTRY_BYTES;
      run.limit((int) Math.min(run.capacity(), left));
      long position = segment.basePosition() + state.entries();
      LogView.readFully(index, run, IndexLayout.entryOffset(segment.basePosition(), position));
      run.flip();
      int at = 0;
      for (; at + IndexLayout.ENTRY_BYTES <= run.limit(); at += IndexLayout.ENTRY_BYTES) {
        if (!IndexLayout.intact(run, at)
            || IndexLayout.offset(run, at) != state.end()
            || IndexLayout.length(run, at) <= 0) {
          return state;
        }
        state = stateOf(run, at, state.entries() + 1);
      }
      if (at == 0) {
        return state; // the file became shorter meanwhile
      }
    }
    return state;
  }

  private static State stateOf(ByteBuffer entry, int at, long entries) {
    return new State(
        entries,
        IndexLayout.end(entry, at),
        IndexLayout.crc(entry, at),
        IndexLayout.length(entry, at));
  }
}
