package dev.cairn.coco;

import dev.cairn.service.LogSnapshot;
import dev.cairn.service.MeasuredLog;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The committed log as a file of bare records, which an unmodified agent ships with its evidence.
 * Written behind the log by a thread of its own, and made anew at every start: what an earlier run,
 * or anybody else, left there is not trusted.
 *
 * <p>A reader never sees part of a record. The kernel raises a file's size page by page while it
 * copies, so only what lies within one page is appended in place; whatever crosses a page goes into
 * a new file that takes the old one's name. Before the first event there is no file, which
 * verifiers tell from an empty one.
 *
 * @see "confidential-containers/guest-components, attester/src/utils.rs (AAEL_PATH)"
 */
public final class RecordMirror implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(RecordMirror.class);
  private static final int PAGE = 4096;
  private static final int CHUNK = 64 * 1024;

  /** A copy of everything is due at most for this part of the time. */
  private static final int REST_PER_COPY = 4;

  private static final long RETRY_NANOS = 1_000_000_000L;

  private final MeasuredLog log;
  private final CocoLog records;
  private final Path path;
  private final Thread thread;
  private final AutoCloseable turns;
  private volatile boolean closing;
  private volatile @Nullable String failure;

  // mirror's thread
  private long written;
  private @Nullable FileChannel file;

  private RecordMirror(MeasuredLog log, CocoLog records, Path path) {
    this.log = log;
    this.records = records;
    this.path = path;
    this.thread = new Thread(this::run, "cairn-mirror");
    thread.setDaemon(true);
    this.turns = log.onTurn(() -> LockSupport.unpark(thread));
  }

  /**
   * Removes what lies at {@code path}, and begins to write there. Its folder is made, readable by
   * everybody, if it is missing.
   *
   * @throws IOException if that cannot be done
   */
  public static RecordMirror start(MeasuredLog log, CocoLog records, Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(path + ": is a folder: name a file");
    }
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }
    Path intent = folder.resolve(".wal_event_entry");
    if (Files.exists(intent)) {
      LOG.warn(
          "{}: an agent with an event log of its own has written here: switch its log off", intent);
    }
    Files.deleteIfExists(path);
    RecordMirror mirror = new RecordMirror(log, records, path);
    mirror.thread.start();
    return mirror;
  }

  /** Returns why the file is not up to date and will not be, or null. Any thread. */
  public @Nullable String failure() {
    return failure;
  }

  private void run() {
    while (!closing) {
      try {
        if (!update()) {
          LockSupport.park(this);
        }
        failure = null;
      } catch (IOException | RuntimeException e) {
        String reason = String.valueOf(e.getMessage());
        if (!reason.equals(failure)) {
          LOG.error("{}: the mirror is behind the log: {}", path, reason);
        }
        failure = reason;
        abandon();
        LockSupport.parkNanos(this, RETRY_NANOS);
      }
    }
  }

  /** Brings the file up to date; false if it was. */
  private boolean update() throws IOException {
    try (LogSnapshot snapshot = log.snapshot()) {
      long length = records.recordBytes(snapshot, snapshot.endPosition());
      if (length == written && (file == null) == (length == 0)) {
        return false;
      }
      FileChannel open = file;
      if (open != null && length / PAGE == written / PAGE && isOurs(open)) {
        append(open, written, length);
      } else {
        long start = System.nanoTime();
        replace(length);
        LockSupport.parkNanos(this, REST_PER_COPY * (System.nanoTime() - start));
      }
      written = length;
      return true;
    }
  }

  /** Whether the file is as long as it was left. */
  private boolean isOurs(FileChannel open) throws IOException {
    if (Files.exists(path) && Files.size(path) == written && open.size() == written) {
      return true;
    }
    LOG.warn("{}: somebody else changed it; it is made anew", path);
    return false;
  }

  private void append(FileChannel open, long from, long to) throws IOException {
    ByteBuffer bytes;
    try (InputStream in = records.records(from, to)) {
      bytes = ByteBuffer.wrap(in.readAllBytes());
    }
    if (open.write(bytes, from) != to - from) {
      throw new IOException("short write");
    }
  }

  private void replace(long length) throws IOException {
    abandon();
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    FileChannel made =
        FileChannel.open(
            fresh,
            java.util.Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
    file = made;
    try (InputStream in = records.records(0, length)) {
      for (byte[] chunk = in.readNBytes(CHUNK); chunk.length > 0; chunk = in.readNBytes(CHUNK)) {
        ByteBuffer bytes = ByteBuffer.wrap(chunk);
        while (bytes.hasRemaining()) {
          made.write(bytes);
        }
      }
    }
    try {
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(path + ": its file system cannot replace a file: choose another", e);
    }
  }

  private void abandon() {
    FileChannel open = file;
    file = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.warn("{}: {}", path, e.getMessage());
      }
    }
  }

  /** Ends the writing; what is committed by then is in the file unless {@link #failure()}. */
  @Override
  public void close() throws IOException {
    closing = true;
    LockSupport.unpark(thread);
    try {
      turns.close();
      thread.join();
      if (failure == null) {
        while (update()) {
          LOG.debug("{}: {} bytes", path, written);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    } finally {
      abandon();
    }
  }
}
