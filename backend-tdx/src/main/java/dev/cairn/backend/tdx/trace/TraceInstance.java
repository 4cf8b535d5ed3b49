package dev.cairn.backend.tdx.trace;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A trace instance of the kernel: a ring buffer with events and a filter of its own. It stays when
 * this process ends, and goes on recording.
 *
 * @see "Linux Documentation/trace/ftrace.rst, Instances; trace/events.rst, Event filtering"
 */
final class TraceInstance {
  /** Per CPU: some 1,300 extends, where the kernel's default of 1,410 would be 90 MB on 64 CPUs. */
  private static final String BUFFER_KIB = "128";

  private static final String EVENT = "events/tsm_mr/" + TraceLine.EXTEND;
  private static final int NONCE_BYTES = 16;

  private final Path folder;

  private TraceInstance(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes the instance unless it is there, and switches the event on.
   *
   * @throws IOException whose message names the remedy
   */
  static TraceInstance open(Path tracefs, Path folder) throws IOException {
    try {
      if (!Files.isDirectory(tracefs.resolve("events"))) {
        throw new IOException(
            tracefs + ": no tracefs is mounted there, or this process may not look");
      }
      if (!Files.isDirectory(tracefs.resolve(EVENT))) {
        throw new IOException(
            "%s: this kernel traces no extends: Linux 6.16 or later has the event"
                .formatted(tracefs.resolve(EVENT)));
      }
      TraceInstance instance = new TraceInstance(folder);
      instance.make();
      instance.write(EVENT + "/enable", "1");
      return instance;
    } catch (AccessDeniedException e) {
      throw new IOException(
          e.getMessage()
              + ": permission denied: tracing is for root, or for the group of the mount",
          e);
    }
  }

  private void make() throws IOException {
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      return; // with whatever it has recorded: clock and size stay, changing them empties it
    }
    write("trace_clock", "mono"); // the same on all CPUs
    write("buffer_size_kb", BUFFER_KIB);
  }

  /**
   * Tells the kernel not to record what this thread does. Which number the kernel knows the thread
   * by, it says itself, for a process in a container does not know: the thread leaves a mark in the
   * buffer and looks for it.
   */
  void leaveOutCaller() throws IOException {
    byte[] nonce = new byte[NONCE_BYTES];
    new SecureRandom().nextBytes(nonce);
    String mark = "cairn " + HexFormat.of().formatHex(nonce);
    write("trace_marker", mark);
    write(EVENT + "/filter", "common_pid != " + findMark(mark));
  }

  private long findMark(String mark) throws IOException {
    try (TraceLines lines = new TraceLines(read())) {
      for (TraceLine line = lines.next(); line != null; line = lines.next()) {
        if (line.isMark(mark)) {
          return line.thread();
        }
      }
    }
    throw new IOException(
        folder.resolve("trace") + ": our own mark is not in it: is tracing_on 0?");
  }

  /** Opens the text of what is in the buffer; reading does not take it out. */
  InputStream read() throws IOException {
    return Files.newInputStream(folder.resolve("trace"));
  }

  /** Returns how many records there was no room for, on all CPUs. */
  long lost() throws IOException {
    long lost = 0;
    try (DirectoryStream<Path> cpus = Files.newDirectoryStream(folder.resolve("per_cpu"))) {
      for (Path cpu : cpus) {
        for (String line : Files.readString(cpu.resolve("stats"), US_ASCII).split("\n", -1)) {
          if (line.startsWith("overrun:") || line.startsWith("dropped events:")) {
            lost += Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
          }
        }
      }
    } catch (NumberFormatException e) {
      throw new IOException(folder.resolve("per_cpu") + ": not the statistics of a CPU", e);
    }
    return lost;
  }

  /** Opened for writing only: to truncate some of these files is to empty the buffer. */
  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
    } catch (AccessDeniedException | NoSuchFileException e) {
      throw e; // names the file already
    } catch (IOException e) {
      throw new IOException("%s: refuses '%s': %s".formatted(path, text, e.getMessage()), e);
    }
  }
}
