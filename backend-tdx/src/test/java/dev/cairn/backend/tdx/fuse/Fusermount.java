package dev.cairn.backend.tdx.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The set-user-id command that mounts for users who may not. It opens the device and passes it back
 * over a socket, which the JDK's processes cannot inherit; hence posix_spawn.
 *
 * @see "fusermount3(1), _FUSE_COMMFD; cmsg(3), SCM_RIGHTS"
 */
final class Fusermount {
  private static final String COMMAND = "fusermount3";
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int MSGHDR_BYTES = 56;
  private static final int CONTROL_BYTES = 24; // cmsghdr of 16, one int, padding
  private static final int FD_AT = 16;

  private Fusermount() {}

  static int mount(Path point) throws IOException {
    int[] pair = new int[2];
    LibC.socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    try {
      int pid = spawn(point, pair[1]);
      LibC.close(pair[1]);
      pair[1] = -1;
      int device = receiveDescriptor(pair[0]);
      LibC.waitpid(pid, new int[1], 0);
      if (device < 0) {
        throw new IOException(
            "mounting needs root, or fusermount3 (Debian package fuse3): it refused " + point);
      }
      return device;
    } finally {
      LibC.close(pair[0]);
      if (pair[1] >= 0) {
        LibC.close(pair[1]);
      }
    }
  }

  private static int spawn(Path point, int socket) throws IOException {
    Map<String, String> environment = System.getenv();
    List<String> variables = new ArrayList<>();
    environment.forEach((key, value) -> variables.add(key + "=" + value));
    variables.add("_FUSE_COMMFD=" + socket);
    StringArray argv =
        new StringArray(
            new String[] {COMMAND, "-o", "fsname=cairn-emulation", "--", point.toString()});
    StringArray envp = new StringArray(variables.toArray(String[]::new));
    int[] pid = new int[1];
    int errno = LibC.posix_spawnp(pid, COMMAND, Pointer.NULL, Pointer.NULL, argv, envp);
    if (errno != 0) {
      throw new IOException(
          "mounting needs root, or fusermount3 (Debian package fuse3): errno " + errno);
    }
    return pid[0];
  }

  /** Returns the descriptor that comes with the one byte, or -1 if the other side just closes. */
  private static int receiveDescriptor(int socket) throws IOException {
    try (Memory message = new Memory(MSGHDR_BYTES);
        Memory vector = new Memory(2L * Native.POINTER_SIZE);
        Memory data = new Memory(1);
        Memory control = new Memory(CONTROL_BYTES)) {
      message.clear();
      control.clear();
      vector.setPointer(0, data);
      vector.setLong(Native.POINTER_SIZE, 1);
      message.setPointer(16, vector);
      message.setLong(24, 1);
      message.setPointer(32, control);
      message.setLong(40, CONTROL_BYTES);
      long count = LibC.recvmsg(socket, message, LibC.MSG_CMSG_CLOEXEC);
      return count == 1 && message.getLong(40) >= FD_AT + Integer.BYTES
          ? control.getInt(FD_AT)
          : -1;
    } catch (LastErrorException e) {
      throw new IOException("no answer of " + COMMAND + ": errno " + e.getErrorCode(), e);
    }
  }

  static void unmount(Path point) throws IOException {
    Process process =
        new ProcessBuilder(COMMAND, "-u", "-z", "--", point.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException(COMMAND + " -u " + point + ": " + output);
    }
  }
}
