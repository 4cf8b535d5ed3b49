package dev.cairn.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds checkpoints to the newest file of them; failures are logged, no more. One thread. */
final class CheckpointWriter implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointWriter.class);

  private final Disk disk;
  private @Nullable Segment segment;
  private Disk.@Nullable WritableFile file;
  private long end;

  CheckpointWriter(Disk disk) {
    this.disk = disk;
  }

  void write(Segment into, Checkpoint checkpoint) {
    try {
      Disk.WritableFile open = fileOf(into);
      ByteBuffer bytes = CheckpointFile.encode(checkpoint);
      int length = bytes.remaining();
      Disk.writeFully(open, bytes, end);
      end += length;
    } catch (IOException e) {
      LOG.warn(
          "checkpoint after record {} cannot be written; the next start takes longer",
          checkpoint.position(),
          e);
      closeQuietly();
    }
  }

  private Disk.WritableFile fileOf(Segment into) throws IOException {
    Disk.WritableFile open = file;
    if (open != null && into.equals(segment)) {
      return open;
    }
    closeQuietly();
    if (Files.exists(into.checkpoints())) {
      end = CheckpointFile.find(into.checkpoints(), Long.MAX_VALUE).end();
      open = disk.open(into.checkpoints());
      file = open;
      open.truncate(end);
    } else {
      end = 0;
      open = disk.create(into.checkpoints());
      file = open;
    }
    segment = into;
    return open;
  }

  /**
   * Drops, durably, checkpoints that cover more than {@code position} records. Comes first, when
   * the log is opened: what no index confirms may be cut, and other records come in its place.
   *
   * @throws StorageException if one cannot be dropped
   */
  void cut(List<Segment> segments, long position) throws StorageException {
    for (int i = segments.size() - 1; i >= 0; i--) {
      Path path = segments.get(i).checkpoints();
      try {
        if (Files.exists(path) && keepsSome(path, position)) {
          return; // those before are older
        }
      } catch (IOException e) {
        throw new StorageException(
            path, false, "checkpoints behind the log cannot be dropped; remove the file", e);
      }
    }
  }

  private boolean keepsSome(Path path, long position) throws IOException {
    long keep = CheckpointFile.find(path, position).end();
    if (Files.size(path) > keep) {
      try (Disk.WritableFile open = disk.open(path)) {
        open.truncate(keep);
        open.sync();
      }
    }
    return keep > 0;
  }

  private void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      LOG.debug("checkpoints cannot be closed", e);
    }
  }

  @Override
  public void close() throws IOException {
    Disk.WritableFile open = file;
    file = null;
    segment = null;
    if (open != null) {
      open.close();
    }
  }
}
