package dev.cairn.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state directory: one log per life of the registers, and a lock that keeps other instances
 * out. The newest log is written; older ones stay as they are. One thread.
 */
public final class LogStore implements AutoCloseable {
  private static final Pattern EPOCH = Pattern.compile("[0-9]{10}-[0-9a-f]{8}");
  private static final int SEQUENCE_DIGITS = 10;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Disk disk;
  private final StoreOptions options;
  private final Path epochs;
  private final StoreLock lock;
  private @Nullable EpochLog open;

  private LogStore(Disk disk, StoreOptions options, Path epochs, StoreLock lock) {
    this.disk = disk;
    this.options = options;
    this.epochs = epochs;
    this.lock = lock;
  }

  /**
   * Opens {@code stateDirectory}, which is made if it is not there, and locks it.
   *
   * @throws IOException if another instance has it, the group does not exist, or it cannot be made
   */
  public static LogStore open(Path stateDirectory, StoreOptions options) throws IOException {
    Path parent = stateDirectory.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    return open(stateDirectory, options, new NioDisk(stateDirectory, options.group()));
  }

  static LogStore open(Path stateDirectory, StoreOptions options, Disk disk) throws IOException {
    makeDirectory(disk, stateDirectory);
    StoreLock lock = StoreLock.take(disk, stateDirectory.resolve("lock"));
    try {
      Path epochs = stateDirectory.resolve("epochs");
      makeDirectory(disk, epochs);
      disk.syncDirectory(stateDirectory);
      return new LogStore(disk, options, epochs, lock);
    } catch (IOException e) {
      try (lock) {
        throw e;
      }
    }
  }

  private static void makeDirectory(Disk disk, Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      disk.createDirectory(directory);
    }
  }

  /** Returns the names of all epochs that were begun completely, oldest first. */
  public List<String> epochs() throws IOException {
    List<String> complete = new ArrayList<>();
    for (String name : directories()) {
      if (EpochHeaderFile.exists(epochs.resolve(name))) {
        complete.add(name);
      }
    }
    return complete;
  }

  /** Returns also those whose beginning was cut short by a crash. */
  private List<String> directories() throws IOException {
    try (Stream<Path> entries = Files.list(epochs)) {
      return entries
          .map(path -> String.valueOf(path.getFileName()))
          .filter(name -> EPOCH.matcher(name).matches())
          .sorted()
          .toList();
    }
  }

  /**
   * Opens the newest epoch for writing, if there is one. Its index is checked and, where needed,
   * built again.
   *
   * @throws dev.cairn.eventlog.MalformedLogException if committed records are damaged or missing
   * @throws IOException if its header cannot be read
   * @throws IllegalStateException while a log of this store is open
   */
  public Optional<EpochLog> current() throws IOException {
    requireNoneOpen();
    List<String> names = epochs();
    if (names.isEmpty()) {
      return Optional.empty();
    }
    Path directory = epochs.resolve(names.get(names.size() - 1));
    return Optional.of(openLog(directory, EpochHeaderFile.read(directory)));
  }

  /**
   * Begins a new epoch, durably; the ones before stay as they are.
   *
   * @throws StorageException if it cannot be made; the newest epoch is then the same as before
   * @throws IllegalStateException while a log of this store is open
   */
  public EpochLog begin(EpochHeader header) throws IOException {
    requireNoneOpen();
    Path directory = epochs.resolve(nextName());
    try {
      disk.createDirectory(directory);
      disk.syncDirectory(epochs);
      Tail.create(disk, new Segment(directory, 0, 0)).close();
    } catch (IOException e) {
      throw StorageException.recovered(directory, "epoch cannot be begun", e);
    }
    EpochHeaderFile.write(disk, directory, header);
    return openLog(directory, header);
  }

  private String nextName() throws IOException {
    List<String> names = directories();
    long sequence =
        names.isEmpty()
            ? 0
            : Long.parseLong(names.get(names.size() - 1).substring(0, SEQUENCE_DIGITS)) + 1;
    return "%010d-%08x".formatted(sequence, RANDOM.nextInt());
  }

  private EpochLog openLog(Path directory, EpochHeader header) throws IOException {
    EpochLog log = new EpochLog(disk, directory, options, header);
    open = log;
    return log;
  }

  private void requireNoneOpen() {
    if (open != null && !open.isClosed()) {
      throw new IllegalStateException(
          "epoch %s is open: close it before another one is opened".formatted(open.id()));
    }
  }

  /** Closes the open log and gives the directory to others. */
  @Override
  public void close() throws IOException {
    try (lock) {
      if (open != null) {
        open.close();
      }
    }
  }
}
