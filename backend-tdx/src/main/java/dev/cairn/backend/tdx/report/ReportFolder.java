package dev.cairn.backend.tdx.report;

import dev.cairn.linux.ErrnoException;
import dev.cairn.linux.Folder;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The folder {@code tsm/report}, where everybody who makes an entry can ask for reports. Ours are
 * {@code cairn-} and 32 random hexadecimal digits, so that nobody can be there first or guess which
 * one to disturb.
 */
final class ReportFolder {
  private static final String PREFIX = "cairn-";
  private static final int NAME_BYTES = 16;

  private final Path folder;
  private final SecureRandom random = new SecureRandom();

  ReportFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes an entry that nobody else knows.
   *
   * @throws ErrnoException ENOENT if this kernel has no reports, ENXIO if no driver gives any,
   *     EACCES if this process may not ask
   */
  ReportEntry make() throws ErrnoException {
    byte[] name = new byte[NAME_BYTES];
    random.nextBytes(name);
    Path entry = folder.resolve(PREFIX + HexFormat.of().formatHex(name));
    Folder.make(entry);
    try {
      return ReportEntry.hold(entry);
    } catch (ErrnoException e) {
      try {
        Folder.remove(entry);
      } catch (ErrnoException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /**
   * Removes the entries of processes that have died. Who uses an entry holds a lock on it, which
   * the kernel takes from the dead.
   */
  void removeAbandoned() {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, PREFIX + "*")) {
      for (Path entry : entries) {
        removeIfAbandoned(entry);
      }
    } catch (IOException | DirectoryIteratorException e) {
      return; // no such folder, or not ours to read: a request for a quote will say so
    }
  }

  private static void removeIfAbandoned(Path entry) {
    try {
      ReportEntry.hold(entry).close();
    } catch (ErrnoException e) {
      return; // it is in use, or somebody else removes it
    }
  }

  /** Returns whether this kernel has reports. */
  boolean isThere() {
    return Files.isDirectory(folder);
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
