package dev.cairn.backend.tpm.testing;

import dev.cairn.measure.HashAlgorithm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A software TPM in a process of its own, behind a UNIX socket: manufactured and started with
 * TPM2_Startup(CLEAR), all four banks active. It serves one client at a time; others wait in its
 * queue. Starting one takes some 15 ms, a {@link #reboot} 2 ms.
 *
 * <p>Methods that say so talk to it as a client, and fail while another one is connected.
 */
public final class Swtpm implements AutoCloseable {
  /** The banks that it has, all of them active. */
  public static final List<HashAlgorithm> BANKS =
      List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SHA512);

  private static final int START_MILLIS = 10_000;
  private static final int END_SECONDS = 10;
  private static final int MAX_SOCKET_PATH_BYTES = 107;

  private final Path folder;
  private final SwtpmControl control;
  private final int port; // 0: none, a UNIX socket
  private Process process;

  private Swtpm(int port) throws IOException {
    this.folder = Files.createTempDirectory("swtpm"); // short: a socket's path has 107 bytes
    Files.createDirectory(folder.resolve("state"));
    this.control = new SwtpmControl(controlSocket());
    this.port = port;
    this.process = launch();
  }

  /**
   * Starts one that has never been started before.
   *
   * @throws AssertionError if swtpm is not installed
   */
  public static Swtpm start() throws IOException {
    return new Swtpm(0);
  }

  /** Likewise, with a TCP port for commands. */
  public static Swtpm startOnTcp() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    return new Swtpm(port);
  }

  private Process launch() throws IOException {
    if (controlSocket().toString().length() > MAX_SOCKET_PATH_BYTES) {
      throw new IOException(controlSocket() + ": too long for a socket: set java.io.tmpdir");
    }
    Process started =
        Tools.start(
            "swtpm",
            List.of(
                "swtpm",
                "socket",
                "--tpm2",
                "--tpmstate",
                "dir=" + folder.resolve("state"),
                "--server",
                port == 0 ? "type=unixio,path=" + socket() : "type=tcp,port=" + port,
                "--ctrl",
                "type=unixio,path=" + controlSocket(),
                "--flags",
                "not-need-init,startup-clear"),
            folder.resolve("output"));
    awaitAnswer(started);
    return started;
  }

  /**
   * By the control channel: a client of before may already have the only connection for commands.
   */
  private void awaitAnswer(Process started) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
    while (true) {
      try {
        control.ask();
        return;
      } catch (IOException e) {
        if (!started.isAlive() || System.nanoTime() > deadline) {
          started.destroyForcibly();
          throw new IOException(
              "swtpm does not answer: " + Files.readString(folder.resolve("output")), e);
        }
      }
      Tools.sleep(1);
    }
  }

  /** Returns the UNIX socket for commands. */
  public Path socket() {
    return folder.resolve("s");
  }

  /** Returns the control socket; tpm2-tools derive its name from the other's. */
  public Path controlSocket() {
    return folder.resolve("s.ctrl");
  }

  /** Returns the address as Cairn's configuration has it. */
  public String address() {
    return port == 0 ? "unix:" + socket() : "tcp:127.0.0.1:" + port;
  }

  /** Connects another client. */
  public RawTpm connect() throws IOException {
    return RawTpm.connect(
        port == 0
            ? UnixDomainSocketAddress.of(socket())
            : new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** Runs one of tpm2-tools as another client; returns what it prints. */
  public String run(String... command) throws IOException {
    return run(socket(), command);
  }

  static String run(Path socket, String... command) throws IOException {
    return Tools.run("tpm2-tools", Map.of("TPM2TOOLS_TCTI", "swtpm:path=" + socket), command);
  }

  /** TPM Reset: INIT and Startup(CLEAR), as a client. The registers begin anew. */
  public void reboot() throws IOException {
    init();
    startup(RawTpm.CLEAR);
  }

  /** S3, TPM Resume: the registers 0 to 15 are kept, restartCount goes up. As a client. */
  public void suspendAndResume() throws IOException {
    shutdown(RawTpm.STATE);
    init();
    startup(RawTpm.STATE);
  }

  /** S4, TPM Restart: registers anew, resetCount as before, restartCount up. As a client. */
  public void hibernateAndRestart() throws IOException {
    shutdown(RawTpm.STATE);
    init();
    startup(RawTpm.CLEAR);
  }

  private void startup(int type) throws IOException {
    try (RawTpm client = connect()) {
      client.startup(type);
    }
  }

  private void shutdown(int type) throws IOException {
    try (RawTpm client = connect()) {
      client.shutdown(type);
    }
  }

  /** Power cycle. Connections stay; TPM2_Startup has to follow, over whichever there is. */
  public void init() throws IOException {
    control.init();
  }

  /** Failure mode: TPM_RC_FAILURE for every command, until {@link #init}. */
  public void fail() throws IOException {
    control.stop();
  }

  /** Commands come from this locality from now on; 0 is what user space has. */
  public void setLocality(int locality) throws IOException {
    control.setLocality(locality);
  }

  /** Takes a snapshot of the registers, to which {@link #rollBack} goes back. */
  public void takeSnapshot() throws IOException {
    control.storeVolatile();
  }

  /** Goes back to the snapshot: registers and counts are as they were then; it is started. */
  public void rollBack() throws IOException {
    init();
    Files.delete(folder.resolve("state").resolve("tpm2-00.volatilestate"));
  }

  /** Stops it where it is: it takes commands and answers none. */
  public void hang() throws IOException {
    signal("STOP");
  }

  /** Lets it go on; it executes what has come meanwhile. */
  public void resume() throws IOException {
    signal("CONT");
  }

  private void signal(String name) throws IOException {
    Tools.run("dash", Map.of(), "sh", "-c", "kill -%s %d".formatted(name, process.pid()));
  }

  /** Kills it as a power loss would. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Starts it again after {@link #kill}, from what it keeps on disk: a reboot. */
  public void restart() throws IOException {
    if (process.isAlive()) {
      throw new IllegalStateException("still runs: kill it first");
    }
    Files.deleteIfExists(socket());
    Files.deleteIfExists(controlSocket());
    process = launch();
  }

  /** Ends it and removes what it kept. */
  @Override
  public void close() throws IOException {
    process.destroyForcibly(); // SIGTERM would not reach one that hangs
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("swtpm does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
