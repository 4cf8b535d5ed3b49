package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A tmpfs of limited size, in a mount namespace of its own: no root needed, nothing left behind. A
 * sleeping process keeps it; daemons enter its namespace, this process reaches in through {@code
 * /proc}. A tmpfs that is nearly full writes what fits and refuses the rest, so it shows short
 * writes too.
 */
final class SmallDisk implements AutoCloseable {
  private static final String MOUNTED = "mounted";

  private final Path mountPoint;
  private final Process keeper;

  private SmallDisk(Path mountPoint, Process keeper) {
    this.mountPoint = mountPoint;
    this.keeper = keeper;
  }

  /** Mounts one of {@code kib} KiB at {@code mountPoint}, an empty folder. */
  static SmallDisk mount(Path mountPoint, int kib) throws IOException {
    Process keeper =
        new ProcessBuilder(
                "unshare",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o size=%dk tmpfs '%s' && echo %s && exec sleep 3600"
                    .formatted(kib, mountPoint, MOUNTED))
            .redirectErrorStream(true)
            .start();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(keeper.getInputStream(), UTF_8));
    String line = reader.readLine();
    if (!MOUNTED.equals(line)) {
      keeper.destroyForcibly();
      throw new IOException("needs user and mount namespaces (util-linux): " + line);
    }
    return new SmallDisk(mountPoint, keeper);
  }

  /** Returns what has to stand before a command that shall see it. */
  List<String> wrapper() {
    return List.of(
        "nsenter",
        "--preserve-credentials",
        "--user",
        "--mount",
        "--target",
        Long.toString(keeper.pid()),
        "--");
  }

  /** Returns the mount point as this process reaches it. */
  Path inside() {
    return Path.of("/proc/" + keeper.pid() + "/root" + mountPoint);
  }

  /** Takes {@code kib} KiB away, until {@link #release()}. */
  void occupy(int kib) throws IOException {
    try (OutputStream out = Files.newOutputStream(ballast())) {
      out.write(new byte[kib * 1024]);
    }
  }

  /** Gives back what was taken. */
  void release() throws IOException {
    Files.delete(ballast());
  }

  private Path ballast() {
    return inside().resolve("ballast");
  }

  @Override
  public void close() {
    keeper.destroyForcibly().onExit().join();
  }
}
