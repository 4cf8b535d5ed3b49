package dev.cairn.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What SIGTERM and SIGINT do: close the daemon, then end with status 0. The JVM would end with 143;
 * a clean end is no failure, so the hook itself ends the process.
 */
final class Shutdown {
  /** Longest time that closing may take before the process ends all the same. */
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final PrintStream err;
  private final Thread hook = new Thread(this::run, "cairn-shutdown");
  private final CountDownLatch never = new CountDownLatch(1);

  // whichever of the two threads comes second acts
  private @Nullable AutoCloseable daemon;
  private boolean requested;

  private Shutdown(PrintStream err) {
    this.err = err;
  }

  /** Takes care of signals from now on. */
  static Shutdown install(PrintStream err) {
    Shutdown shutdown = new Shutdown(err);
    Runtime.getRuntime().addShutdownHook(shutdown.hook);
    return shutdown;
  }

  /** Leaves signals to the JVM again, so that the process can end with another status. */
  void uninstall() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      never.countDown(); // a signal came meanwhile: the hook waits for nothing any more
    }
  }

  /** Says what is to be closed. If a signal has come already, it is closed at once. */
  void on(AutoCloseable running) {
    synchronized (this) {
      daemon = running;
      if (!requested) {
        return;
      }
    }
    end(running);
  }

  /** Waits for the end of the process. */
  void await() {
    try {
      never.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the main thread", e);
    }
  }

  private void run() {
    AutoCloseable running;
    synchronized (this) {
      requested = true;
      running = daemon;
    }
    if (running == null) {
      waitForStart();
    } else {
      end(running);
    }
  }

  /**
   * The daemon is being opened: whoever opens it closes it. Nothing is lost if it takes too long.
   */
  private void waitForStart() {
    try {
      if (!never.await(BOUND.toSeconds(), TimeUnit.SECONDS)) {
        halt(ExitStatus.OK);
      }
    } catch (InterruptedException e) {
      halt(ExitStatus.OK);
    }
  }

  private void end(AutoCloseable running) {
    Thread watchdog = new Thread(this::giveUp, "cairn-shutdown-bound");
    watchdog.setDaemon(true);
    watchdog.start();
    try {
      running.close();
      halt(ExitStatus.OK);
    } catch (Exception e) {
      err.println("cairn: the end was not clean: " + ErrorReport.line(e));
      halt(ExitStatus.DEFECT);
    }
  }

  private void giveUp() {
    try {
      TimeUnit.SECONDS.sleep(BOUND.toSeconds());
    } catch (InterruptedException e) {
      return;
    }
    err.println(
        "cairn: not down after "
            + BOUND.toSeconds()
            + " s: ending now; the next start recovers what was in flight");
    halt(ExitStatus.UNAVAILABLE);
  }

  private static void halt(int status) {
    Runtime.getRuntime().halt(status);
  }
}
