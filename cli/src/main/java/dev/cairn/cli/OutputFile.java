package dev.cairn.cli;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where a command's output goes: standard output, or a file that appears whole or not at all. It is
 * written beside, synced and renamed when it is complete; a device or a pipe is written directly.
 */
final class OutputFile implements Closeable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final OutputStream out;
  private final @Nullable FileChannel channel;
  private final @Nullable Path target;
  private final @Nullable Path beside;
  private boolean complete;

  private OutputFile(
      OutputStream out,
      @Nullable FileChannel channel,
      @Nullable Path target,
      @Nullable Path beside) {
    this.out = out;
    this.channel = channel;
    this.target = target;
    this.beside = beside;
  }

  /** Opens {@code name}; null or {@code -} is standard output. */
  static OutputFile open(Console console, @Nullable String name) throws IOException {
    if (name == null || name.equals("-")) {
      return new OutputFile(console.out(), null, null, null);
    }
    Path target = Path.of(name);
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      return new OutputFile(Files.newOutputStream(target), null, null, null);
    }
    Path beside =
        target.resolveSibling(
            "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
    FileChannel channel =
        FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
    return new OutputFile(out, channel, target, beside);
  }

  OutputStream stream() {
    return out;
  }

  /** Makes the file appear. */
  void complete() throws IOException {
    out.flush();
    if (channel != null && target != null && beside != null) {
      channel.force(true);
      channel.close();
      Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    }
    complete = true;
  }

  /** Removes what was written, unless it is complete. */
  @Override
  public void close() throws IOException {
    if (channel != null && beside != null && !complete) {
      channel.close();
      Files.deleteIfExists(beside);
    }
  }
}
