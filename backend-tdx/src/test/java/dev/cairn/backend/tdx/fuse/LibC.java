package dev.cairn.backend.tdx.fuse;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/** The system calls of the server and of its clients in tests. Buffers are direct. */
final class LibC {
  static final int O_CLOEXEC = 0x80000;
  static final int MSG_CMSG_CLOEXEC = 0x40000000;

  static {
    Native.register(LibC.class, "c");
  }

  private LibC() {}

  static native int open(String path, int flags, int mode) throws LastErrorException;

  static native int close(int fd) throws LastErrorException;

  static native int dup(int fd) throws LastErrorException;

  static native long read(int fd, ByteBuffer into, long count) throws LastErrorException;

  static native long pread(int fd, ByteBuffer into, long count, long offset)
      throws LastErrorException;

  static native long write(int fd, ByteBuffer from, long count) throws LastErrorException;

  static native long pwrite(int fd, ByteBuffer from, long count, long offset)
      throws LastErrorException;

  static native int ioctl(int fd, long request, ByteBuffer argument) throws LastErrorException;

  static native int ftruncate(int fd, long length) throws LastErrorException;

  static native int mkdir(String path, int mode) throws LastErrorException;

  static native int rmdir(String path) throws LastErrorException;

  static native int unlink(String path) throws LastErrorException;

  static native int chmod(String path, int mode) throws LastErrorException;

  static native int chown(String path, int uid, int gid) throws LastErrorException;

  static native int geteuid();

  static native int getegid();

  static native int mount(String source, String target, String type, long flags, String data)
      throws LastErrorException;

  static native int umount2(String target, int flags) throws LastErrorException;

  static native int socketpair(int domain, int type, int protocol, int[] pair)
      throws LastErrorException;

  static native long recvmsg(int fd, Pointer message, int flags) throws LastErrorException;

  static native int posix_spawnp(
      int[] pid, String file, Pointer actions, Pointer attributes, Pointer argv, Pointer envp);

  static native int waitpid(int pid, int[] status, int options) throws LastErrorException;
}
