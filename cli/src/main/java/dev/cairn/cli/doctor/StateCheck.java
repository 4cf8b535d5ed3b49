package dev.cairn.cli.doctor;

import dev.cairn.cli.doctor.Finding.Level;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The state folder: who may enter, what it lies on, what is in it. */
final class StateCheck {
  private static final String AREA = "state";
  private static final long LITTLE_SPACE = 256L << 20;
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("------rwx");
  private static final List<String> MEMORY_ONLY = List.of("tmpfs", "ramfs", "overlay");

  private final Path state;
  private final List<Finding> findings = new ArrayList<>();

  private StateCheck(Path state) {
    this.state = state;
  }

  static List<Finding> look(Path state) {
    StateCheck check = new StateCheck(state);
    try {
      check.look();
    } catch (IOException e) {
      check.add("folder", Level.BAD, state + ": cannot be looked at: " + e);
    }
    return check.findings;
  }

  private void add(String subject, Level level, String text) {
    findings.add(new Finding(AREA, subject, level, text));
  }

  private void look() throws IOException {
    if (!Files.exists(state)) {
      lookAtParent();
      return;
    }
    if (!Files.isDirectory(state)) {
      add("folder", Level.BAD, state + ": is no folder: give another --state");
      return;
    }
    permissions();
    space(state);
    epochs();
    lock();
  }

  private void lookAtParent() throws IOException {
    Path existing = state.toAbsolutePath();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null) {
      add("folder", Level.BAD, state + ": no part of that path exists");
    } else if (!Files.isWritable(existing)) {
      add("folder", Level.BAD, state + ": is not there, and " + existing + " is not writable");
    } else {
      add("folder", Level.NOTE, state + ": is not there yet; 'cairn serve' makes it");
      space(existing);
    }
  }

  private void permissions() throws IOException {
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(state);
    String text =
        "%s: %s %s:%s"
            .formatted(
                state,
                PosixFilePermissions.toString(mode),
                Files.getOwner(state).getName(),
                Files.getAttribute(state, "posix:group"));
    if (mode.stream().anyMatch(OTHERS::contains)) {
      add("folder", Level.WARNING, text + ": open to everybody: chmod 0750");
    } else if (!Files.isWritable(state)) {
      add("folder", Level.BAD, text + ": not writable for this user");
    } else {
      add("folder", Level.GOOD, text);
    }
  }

  private void space(Path folder) throws IOException {
    FileStore store;
    try {
      store = Files.getFileStore(folder);
    } catch (IOException e) { // in a chroot the table of mounts does not name the root
      long free = folder.toFile().getUsableSpace() / (1 << 20);
      add("file system", Level.NOTE, "unknown (%s), %d MiB free".formatted(e.getMessage(), free));
      return;
    }
    String text = "%s, %d MiB free".formatted(store.type(), store.getUsableSpace() / (1 << 20));
    if (MEMORY_ONLY.contains(store.type())) {
      add(
          "file system",
          Level.WARNING,
          text + ": does not outlive the machine or the container; a log should");
    } else if (store.getUsableSpace() < LITTLE_SPACE) {
      add("file system", Level.WARNING, text + ": extends are refused when it is full");
    } else {
      add("file system", Level.GOOD, text);
    }
  }

  private void epochs() throws IOException {
    Path epochs = state.resolve("epochs");
    if (!Files.isDirectory(epochs)) {
      add("epochs", Level.NOTE, "none yet");
      return;
    }
    try (Stream<Path> entries = Files.list(epochs)) {
      List<String> names = entries.map(path -> path.getFileName() + "").sorted().toList();
      add(
          "epochs",
          Level.GOOD,
          names.isEmpty() ? "none yet" : names.size() + ", newest " + names.get(names.size() - 1));
    }
  }

  /** Asks by the lock that the store takes; it is given back at once. */
  private void lock() throws IOException {
    Path file = state.resolve("lock");
    if (!Files.isWritable(file)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      add(
          "lock",
          Level.NOTE,
          lock == null ? "a daemon runs on this state" : "free: no daemon runs on this state");
    }
  }
}
