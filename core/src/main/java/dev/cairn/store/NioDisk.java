package dev.cairn.store;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The real file system. Modes are set after the file is made, for the umask would take bits away.
 */
final class NioDisk implements Disk {
  private static final Set<PosixFilePermission> DIRECTORY_MODE =
      PosixFilePermissions.fromString("rwxr-x---");
  private static final Set<PosixFilePermission> FILE_MODE =
      PosixFilePermissions.fromString("rw-r-----");

  private final @Nullable GroupPrincipal group;

  /**
   * Looks the group up.
   *
   * @throws IOException if there is no such group
   */
  NioDisk(Path stateDirectory, Optional<String> groupName) throws IOException {
    if (groupName.isEmpty()) {
      group = null;
      return;
    }
    try {
      group =
          stateDirectory
              .getFileSystem()
              .getUserPrincipalLookupService()
              .lookupPrincipalByGroupName(groupName.get());
    } catch (UserPrincipalNotFoundException e) {
      throw new IOException(
          "group %s: the system has no such group; create it or configure another one"
              .formatted(groupName.get()),
          e);
    }
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(DIRECTORY_MODE));
    own(directory, DIRECTORY_MODE);
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, Set.of(CREATE_NEW, READ, WRITE), PosixFilePermissions.asFileAttribute(FILE_MODE));
    try {
      own(file, FILE_MODE);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new NioFile(channel);
  }

  private void own(Path path, Set<PosixFilePermission> mode) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (group != null) {
      view.setGroup(group);
    }
    view.setPermissions(mode);
  }

  @Override
  public WritableFile open(Path file) throws IOException {
    return new NioFile(FileChannel.open(file, READ, WRITE));
  }

  @Override
  public void replace(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, READ)) {
      channel.force(true);
    }
  }

  private record NioFile(FileChannel channel) implements WritableFile {
    @Override
    public int write(ByteBuffer bytes, long offset) throws IOException {
      return channel.write(bytes, offset);
    }

    @Override
    public void truncate(long length) throws IOException {
      channel.truncate(length);
    }

    @Override
    public void sync() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
