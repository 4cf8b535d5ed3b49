package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tmpfs of limited size. Whoever may mount, mounts it: root, also in a chroot, where there are no
 * user namespaces. For everybody else it lies in a mount namespace of its own, kept by a sleeping
 * process; daemons enter that, this process reaches in through {@code /proc}. A tmpfs that is
 * nearly full writes what fits and refuses the rest, so it shows short writes too.
 */
final class SmallDisk implements AutoCloseable {
  private static final String MOUNTED = "mounted";

  private final Path mountPoint;

  /** Keeps the namespace alive; null where root has mounted it for everybody. */
  private final @Nullable Process keeper;

  private SmallDisk(Path mountPoint, @Nullable Process keeper) {
    this.mountPoint = mountPoint;
    this.keeper = keeper;
  }

  /** Mounts one of {@code kib} KiB at {@code mountPoint}, an empty folder. */
  static SmallDisk mount(Path mountPoint, int kib) throws IOException {
    try {
      run("mount", "-t", "tmpfs", "-o", "size=" + kib + "k", "tmpfs", mountPoint.toString());
      return new SmallDisk(mountPoint, null);
    } catch (IOException notPermitted) {
      return mountInNamespace(mountPoint, kib, notPermitted);
    }
  }

  private static SmallDisk mountInNamespace(Path mountPoint, int kib, IOException notPermitted)
      throws IOException {
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
      throw new IOException(
          "needs the right to mount, or user and mount namespaces (util-linux): " + line,
          notPermitted);
    }
    return new SmallDisk(mountPoint, keeper);
  }

  /** Returns what has to stand before a command that shall see it. */
  List<String> wrapper() {
    if (keeper == null) {
      return List.of();
    }
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
    return keeper == null ? mountPoint : Path.of("/proc/" + keeper.pid() + "/root" + mountPoint);
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

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
  }

  @Override
  public void close() throws IOException {
    if (keeper == null) {
      run("umount", "--lazy", mountPoint.toString());
    } else {
      keeper.destroyForcibly().onExit().join();
    }
  }
}
