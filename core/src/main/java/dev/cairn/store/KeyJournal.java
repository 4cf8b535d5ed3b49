package dev.cairn.store;

import static java.nio.file.StandardOpenOption.READ;

import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which idempotency keys the newest requests had, on disk and in memory; both bounded. The file is
 * written again when it has twice as many entries as are remembered. One thread.
 */
public final class KeyJournal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyJournal.class);
  private static final String NAME = "keys";
  private static final int ENTRIES_PER_READ = 512;

  private final Disk disk;
  private final Path directory;
  private final Path path;
  private final int capacity;
  private final KeyWindow window;
  private DurableFile file;
  private long lastPosition = -1;
  private long compactAt; // in entries
  private @Nullable StorageException failure;

  private KeyJournal(Disk disk, Path directory, Path path, int capacity, DurableFile file) {
    this.disk = disk;
    this.directory = directory;
    this.path = path;
    this.capacity = capacity;
    this.window = new KeyWindow(capacity);
    this.file = file;
    this.compactAt = 2L * capacity;
  }

  /**
   * Opens the journal in {@code directory} or makes it; drops, durably, what EpochLog.openKeys
   * says.
   */
  static KeyJournal open(Disk disk, Path directory, int capacity, long endPosition)
      throws IOException {
    Path path = directory.resolve(NAME);
    if (!Files.exists(path)) {
      disk.replace(writeBeside(disk, path, ByteBuffer.allocate(0)), path);
      disk.syncDirectory(directory);
    }
    DurableFile file = new DurableFile(path, disk.open(path), Files.size(path));
    KeyJournal journal = new KeyJournal(disk, directory, path, capacity, file);
    try {
      journal.load(endPosition);
    } catch (IOException e) {
      try (journal) {
        throw e;
      }
    }
    return journal;
  }

  /** Puts a file with a head and {@code entries} beside {@code path}, durably. */
  private static Path writeBeside(Disk disk, Path path, ByteBuffer entries) throws IOException {
    Path beside = path.resolveSibling(path.getFileName() + ".new");
    disk.delete(beside);
    try (Disk.WritableFile file = disk.create(beside)) {
      Disk.writeFully(file, KeyLayout.head(), 0);
      Disk.writeFully(file, entries, KeyLayout.HEAD_BYTES);
      file.sync();
    }
    return beside;
  }

  /** Fills the window with entries before {@code endPosition} and cuts the others off. */
  private void load(long endPosition) throws IOException {
    window.clear();
    lastPosition = -1;
    long kept = KeyLayout.HEAD_BYTES; // up to here the file is good
    long at = kept;
    boolean cut = false;
    try (FileChannel channel = FileChannel.open(path, READ)) {
      requireHead(channel);
      ByteBuffer run = ByteBuffer.allocate(ENTRIES_PER_READ * KeyLayout.ENTRY_BYTES);
      do {
        run.clear();
        LogView.readFully(channel, run, at);
        run.flip();
        for (int i = 0; i + KeyLayout.ENTRY_BYTES <= run.limit(); i += KeyLayout.ENTRY_BYTES) {
          Optional<KeyEntry> entry = KeyLayout.get(run.array(), i);
          boolean good = entry.isPresent() && entry.get().position() < endPosition;
          if (good && cut) {
            throw damage(kept);
          }
          cut |= !good;
          if (good) {
            remember(entry.get());
            kept = at + i + KeyLayout.ENTRY_BYTES;
          }
        }
        at += run.limit();
      } while (run.limit() == run.capacity());
    }
    if (kept < file.length()) {
      LOG.info(
          "{}: {} bytes of requests that were not finished are cut", path, file.length() - kept);
      file.cut(kept);
    }
  }

  private void requireHead(FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(KeyLayout.HEAD_BYTES);
    LogView.readFully(channel, head, 0);
    if (!head.flip().equals(KeyLayout.head())) {
      throw new IOException(
          path
              + ": the head is not that of a key journal of version 1; restore it from a copy, or remove it: keys used before are forgotten then");
    }
  }

  private IOException damage(long at) {
    return new IOException(
        "%s: entry at byte %d is damaged and whole ones follow; restore it from a copy, or remove it: keys used before are forgotten then"
            .formatted(path, at));
  }

  private void remember(KeyEntry entry) {
    window.add(entry);
    lastPosition = entry.position();
  }

  /** Returns the newest remembered request with this key. */
  public Optional<KeyEntry> find(Bytes keyHash) {
    return window.find(keyHash);
  }

  /** Returns the remembered requests of records from {@code position} on, ascending. */
  public List<KeyEntry> from(long position) {
    return window.from(position);
  }

  /** Returns how many keys are remembered. */
  public int size() {
    return window.size();
  }

  /**
   * Remembers {@code entries}, durably: one write, one fdatasync. They have to be on disk before
   * their records are extended.
   *
   * @param entries ascending by position, all behind the last one
   * @throws StorageException if it fails; nothing of it is left if it is {@link
   *     StorageException#recovered()}
   */
  public void append(List<KeyEntry> entries) throws StorageException {
    requireWritable();
    if (entries.isEmpty()) {
      return;
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(entries.size(), KeyLayout.ENTRY_BYTES));
    long before = lastPosition;
    for (KeyEntry entry : entries) {
      if (entry.position() <= before) {
        throw new IllegalArgumentException(
            "key of record %d after that of record %d: positions have to ascend"
                .formatted(entry.position(), before));
      }
      before = entry.position();
      KeyLayout.put(bytes, entry);
    }
    file.append(bytes.flip());
    entries.forEach(this::remember);
    if ((file.length() - KeyLayout.HEAD_BYTES) / KeyLayout.ENTRY_BYTES > compactAt) {
      compact();
    }
  }

  /** Leaves the newest entries only. Best effort as long as the old file is in its place. */
  private void compact() throws StorageException {
    ByteBuffer entries = window.encoded();
    long length = (long) KeyLayout.HEAD_BYTES + entries.remaining();
    try {
      disk.replace(writeBeside(disk, path, entries), path);
    } catch (IOException e) {
      compactAt += capacity; // not again for every request
      LOG.warn("{}: cannot be made smaller; tried again later", path, e);
      return;
    }
    compactAt = 2L * capacity;
    try {
      disk.syncDirectory(directory);
      file.close();
      file = new DurableFile(path, disk.open(path), length);
    } catch (IOException e) {
      failure = StorageException.last(path, "cannot be replaced by a smaller one", e);
      throw failure;
    }
  }

  /**
   * Forgets, durably, the keys of records from {@code position} on, which were cut.
   *
   * @throws StorageException if it fails; always final
   */
  public void truncate(long position) throws StorageException {
    requireWritable();
    if (lastPosition < position) {
      return;
    }
    try {
      load(position);
    } catch (StorageException e) {
      throw e;
    } catch (IOException e) {
      failure = StorageException.last(path, "cannot be cut at record " + position, e);
      throw failure;
    }
  }

  private void requireWritable() throws StorageException {
    if (failure != null) {
      throw StorageException.refused(path, failure);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
