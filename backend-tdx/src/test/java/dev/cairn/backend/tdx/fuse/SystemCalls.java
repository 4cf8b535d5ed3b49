package dev.cairn.backend.tdx.fuse;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** System calls as a program makes them; each throws a {@link Refusal} with its errno. */
public final class SystemCalls {
  private SystemCalls() {}

  /** Calls mkdir(2). */
  public static void mkdir(Path path, int mode) throws Refusal {
    run(() -> LibC.mkdir(path.toString(), mode));
  }

  /** Calls rmdir(2). */
  public static void rmdir(Path path) throws Refusal {
    run(() -> LibC.rmdir(path.toString()));
  }

  /** Calls unlink(2). */
  public static void unlink(Path path) throws Refusal {
    run(() -> LibC.unlink(path.toString()));
  }

  /** Calls chmod(2). */
  public static void chmod(Path path, int mode) throws Refusal {
    run(() -> LibC.chmod(path.toString(), mode));
  }

  /** Calls chown(2). */
  public static void chown(Path path, int uid, int gid) throws Refusal {
    run(() -> LibC.chown(path.toString(), uid, gid));
  }

  /** Calls open(2). */
  public static OpenDescriptor open(Path path, int flags) throws Refusal {
    return new OpenDescriptor(
        (int) call(() -> LibC.open(path.toString(), flags | LibC.O_CLOEXEC, 0644)));
  }

  /** An open descriptor. */
  public static final class OpenDescriptor implements AutoCloseable {
    private int number;

    private OpenDescriptor(int number) {
      this.number = number;
    }

    /** Calls read(2) once. */
    public byte[] read(int most) throws Refusal {
      ByteBuffer into = ByteBuffer.allocateDirect(most);
      return taken(into, call(() -> LibC.read(number, into, most)));
    }

    /** Calls pread(2) once. */
    public byte[] pread(int most, long offset) throws Refusal {
      ByteBuffer into = ByteBuffer.allocateDirect(most);
      return taken(into, call(() -> LibC.pread(number, into, most, offset)));
    }

    private static byte[] taken(ByteBuffer from, long count) {
      byte[] bytes = new byte[(int) count];
      from.get(bytes);
      return bytes;
    }

    /** Calls write(2) once; returns what it returned. */
    public int write(byte[] bytes) throws Refusal {
      return (int) call(() -> LibC.write(number, direct(bytes), bytes.length));
    }

    /** Calls pwrite(2) once; returns what it returned. */
    public int pwrite(byte[] bytes, long offset) throws Refusal {
      return (int) call(() -> LibC.pwrite(number, direct(bytes), bytes.length, offset));
    }

    /** Calls ioctl(2) with a copy of {@code argument}; returns what it has become. */
    public byte[] ioctl(long request, byte[] argument) throws Refusal {
      ByteBuffer buffer = direct(argument);
      run(() -> LibC.ioctl(number, request, buffer));
      return taken(buffer, argument.length);
    }

    /** Calls ftruncate(2). */
    public void ftruncate(long length) throws Refusal {
      run(() -> LibC.ftruncate(number, length));
    }

    /** Calls dup(2). */
    public OpenDescriptor dup() throws Refusal {
      return new OpenDescriptor((int) call(() -> LibC.dup(number)));
    }

    /** Calls close(2), the first time. */
    @Override
    public void close() throws Refusal {
      if (number >= 0) {
        int open = number;
        number = -1;
        run(() -> LibC.close(open));
      }
    }
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private interface Call {
    long make() throws LastErrorException;
  }

  private static void run(Call call) throws Refusal {
    call(call);
  }

  private static long call(Call call) throws Refusal {
    try {
      return call.make();
    } catch (LastErrorException e) {
      throw new Refusal(Errno.of(e.getErrorCode()));
    }
  }
}
