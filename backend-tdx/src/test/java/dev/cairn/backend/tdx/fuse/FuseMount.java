package dev.cairn.backend.tdx.fuse;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A mounted tree. Whoever may mount, mounts it; for everybody else fusermount3 does. */
public final class FuseMount implements AutoCloseable {
  private static final int REQUEST_BYTES = 128 * 1024;
  private static final long RELEASING_NANOS = 2_000_000_000;
  private static final int ENDING_MILLIS = 10_000;

  private final Mounting mounting;
  private final Session session;
  private final Object lock;
  private final Thread loop;
  private final Thread atExit;
  private volatile @Nullable Throwable failure;

  private FuseMount(Mounting mounting, Folder root, Object lock) {
    this.mounting = mounting;
    this.session = new Session(root);
    this.lock = lock;
    this.loop = new Thread(this::run, "fuse " + mounting.point());
    this.atExit = new Thread(mounting::unmountQuietly);
    loop.setDaemon(true);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Mounts {@code root} at {@code point}, an empty folder. Nodes are called with {@code lock} held.
   *
   * @throws IOException if {@code /dev/fuse} is missing, or nobody may mount
   */
  public static FuseMount mount(Path point, Folder root, Object lock) throws IOException {
    FuseMount mount = new FuseMount(Mounting.at(point), root, lock);
    mount.loop.start();
    return mount;
  }

  private void run() {
    ByteBuffer request = ByteBuffer.allocateDirect(REQUEST_BYTES).order(ByteOrder.nativeOrder());
    while (receive(request)) {
      ByteBuffer answer;
      synchronized (lock) {
        try {
          answer = session.answer(request);
        } catch (Session.UnansweredException e) {
          failure = e;
          answer = e.answer();
        }
      }
      if (answer.hasRemaining()) {
        send(answer);
      }
    }
  }

  /** Waits for a request; returns false when there will be none. */
  private boolean receive(ByteBuffer request) {
    while (true) {
      try {
        request.clear();
        request.limit((int) LibC.read(mounting.device(), request, request.capacity()));
        return true;
      } catch (LastErrorException e) {
        if (e.getErrorCode() == Errno.ENODEV.number()) {
          return false; // unmounted
        }
        if (!isPassing(e)) {
          failure = e;
          return false;
        }
      }
    }
  }

  private void send(ByteBuffer answer) {
    try {
      LibC.write(mounting.device(), answer, answer.remaining());
    } catch (LastErrorException e) {
      if (e.getErrorCode() != Errno.ENOENT.number()) { // the caller has been killed
        failure = e;
      }
    }
  }

  private static boolean isPassing(LastErrorException e) {
    int errno = e.getErrorCode();
    return errno == Errno.ENOENT.number()
        || errno == Errno.EINTR.number()
        || errno == Errno.EAGAIN.number();
  }

  /**
   * Returns how many files stay open: at the end of a test, none. Waits a moment, for the kernel
   * tells of a close only afterwards.
   */
  public int openFiles() {
    long end = System.nanoTime() + RELEASING_NANOS;
    while (true) {
      synchronized (lock) {
        if (session.openFiles() == 0 || System.nanoTime() > end) {
          return session.openFiles();
        }
      }
      Thread.onSpinWait();
    }
  }

  /**
   * Unmounts it, also while files are open.
   *
   * @throws IllegalStateException if a node failed meanwhile
   */
  @Override
  public void close() throws IOException {
    mounting.unmount();
    try {
      loop.join(ENDING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    mounting.closeDevice();
    Runtime.getRuntime().removeShutdownHook(atExit);
    if (failure != null) {
      throw new IllegalStateException("a request could not be handled", failure);
    }
  }
}
