package dev.cairn.backend.tdx.kernel;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.linux.Descriptor;
import dev.cairn.linux.Errno;
import dev.cairn.linux.ErrnoException;
import dev.cairn.measure.BackendException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Finds the entries of {@code tsm/rtmrs} that are bound to registers, and binds those that are
 * missing. Entries belong to the whole system, so one that is there is used, whoever has made it. A
 * bound one is never removed: its register could not be bound again before the next boot.
 */
final class RtmrBinding {
  private static final int MOST_INDEX_BYTES = 16;

  private final Path folder;

  RtmrBinding(Path folder) {
    this.folder = folder;
  }

  /** Returns the folder of the entry of RTMR 0 to {@code count} - 1 each. */
  Map<Integer, Path> bind(int count) throws BackendException {
    try {
      Map<Integer, Path> bound = find();
      for (int index = 0; index < count; index++) {
        if (!bound.containsKey(index)) {
          bound.put(index, make(index));
        }
      }
      return bound;
    } catch (IOException e) {
      throw Refusals.open(folder + ": entries cannot be read or made", e);
    }
  }

  /** Returns the entries that are bound, by the index of the register. */
  Map<Integer, Path> find() throws IOException {
    List<Path> entries;
    try (Stream<Path> all = Files.list(folder)) {
      entries = all.sorted().toList();
    }
    Map<Integer, Path> bound = new TreeMap<>();
    for (Path entry : entries) {
      int index = index(entry);
      if (index >= 0) {
        bound.putIfAbsent(index, entry);
      }
    }
    return bound;
  }

  /** Returns the index that {@code entry} is bound to, or -1 if it is not, or has gone. */
  private static int index(Path entry) throws IOException {
    ByteBuffer text = ByteBuffer.allocateDirect(MOST_INDEX_BYTES);
    try (Descriptor file = Descriptor.open(entry.resolve("index"), Descriptor.O_RDONLY)) {
      file.read(text, 0);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENXIO || e.errno() == Errno.ENOENT) {
        return -1;
      }
      throw e;
    }
    String digits = US_ASCII.decode(text.flip()).toString().strip();
    try {
      return Integer.parseUnsignedInt(digits);
    } catch (NumberFormatException e) {
      throw new IOException(entry + ": index: '" + digits + "' is no number", e);
    }
  }

  private Path make(int index) throws IOException, BackendException {
    Path entry = folder.resolve("cairn-rtmr" + index);
    try {
      Files.createDirectory(entry);
    } catch (FileAlreadyExistsException e) {
      // left over by a process that died before it could bind it, or bound to another register
    }
    try {
      write(entry.resolve("index"), Integer.toString(index));
      return entry;
    } catch (ErrnoException e) {
      Path other = find().get(index); // somebody was faster
      if (other != null) {
        return other;
      }
      if (index(entry) < 0) {
        Files.deleteIfExists(entry);
      }
      throw Refusals.open(
          "%s: RTMR %d cannot be bound: %s"
              .formatted(
                  folder,
                  index,
                  e.errno() == Errno.EINVAL
                      ? "an entry that was bound to it has been removed; only a reboot frees it"
                      : "the kernel refuses"),
          e);
    }
  }

  private static void write(Path file, String text) throws ErrnoException {
    byte[] bytes = text.getBytes(US_ASCII);
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    try (Descriptor open = Descriptor.open(file, Descriptor.O_WRONLY)) {
      open.write(buffer);
    }
  }
}
