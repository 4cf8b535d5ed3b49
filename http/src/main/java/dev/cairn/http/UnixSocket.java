package dev.cairn.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The file of a UNIX socket: away with a dead one before the bind, the right mode after it. */
final class UnixSocket {
  private static final int TYPE_MASK = 0170000; // S_IFMT
  private static final int TYPE_SOCKET = 0140000; // S_IFSOCK

  private final Path path;

  UnixSocket(Path path) {
    this.path = path;
  }

  /**
   * Removes a socket that nobody listens on any more: one that refuses connections. Anything else
   * stays.
   *
   * @throws IOException if somebody listens there, if it is no socket, or if its folder is not
   *     there
   */
  void makeWay() throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException(
          "unix:%s: its folder is not there: create it, mode 0750, for Cairn's group"
              .formatted(path));
    }
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if ((mode & TYPE_MASK) != TYPE_SOCKET) { // connect refuses a pipe just as it does a dead socket
      throw new IOException(
          "unix:%s: is a file and no socket: choose another path".formatted(path));
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
      throw new IOException(
          "unix:%s: another process listens there: stop it or choose another path".formatted(path));
    } catch (ConnectException refused) {
      Files.deleteIfExists(path);
    } catch (NoSuchFileException gone) {
      return; // its owner has just removed it
    }
  }

  /**
   * Lets owner and group connect, and nobody else. Between bind and this the umask rules; the
   * folder's mode is what keeps strangers out then.
   */
  void open(Optional<String> group) throws IOException {
    if (group.isPresent()) {
      Files.getFileAttributeView(path, PosixFileAttributeView.class)
          .setGroup(
              path.getFileSystem()
                  .getUserPrincipalLookupService()
                  .lookupPrincipalByGroupName(group.get()));
    }
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
  }
}
