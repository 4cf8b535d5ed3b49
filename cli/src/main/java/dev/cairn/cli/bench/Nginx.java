package dev.cairn.cli.bench;

import dev.cairn.cli.client.Answer;
import dev.cairn.cli.client.Endpoint;
import dev.cairn.cli.client.HttpClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** nginx as a yardstick for files, where it is installed. */
final class Nginx {
  private static final List<Path> PLACES =
      List.of(Path.of("/usr/sbin/nginx"), Path.of("/usr/local/sbin/nginx"));

  /**
   * What it did.
   *
   * @param whole answers per second with the whole file
   * @param unchanged answers per second of 304
   */
  record Rates(double whole, double unchanged) {}

  private Nginx() {}

  /** Measures a file of {@code bytes}; nothing if nginx is not installed. */
  static Optional<Rates> measure(Path folder, int bytes, int clients, int rounds, Duration time)
      throws IOException {
    Optional<Path> program = PLACES.stream().filter(Files::isExecutable).findFirst();
    if (program.isEmpty()) {
      return Optional.empty();
    }
    int port = freePort();
    Path root = Files.createDirectories(folder.resolve("nginx"));
    Files.write(root.resolve("log"), new byte[bytes]);
    Path configuration =
        Files.writeString(
            root.resolve("nginx.conf"),
            """
            user root; daemon off; worker_processes 1; pid %1$s/pid; error_log %1$s/error.log;
            events { worker_connections 1024; }
            http {
              access_log off; sendfile on; keepalive_requests 100000000;
              client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/fastcgi; uwsgi_temp_path %1$s/uwsgi; scgi_temp_path %1$s/scgi;
              server { listen 127.0.0.1:%2$d; root %1$s; }
            }
            """
                .formatted(root, port));
    Process process =
        new ProcessBuilder(program.get().toString(), "-c", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("out").toFile())
            .start();
    try {
      return Optional.of(measure(port, clients, rounds, time));
    } finally {
      process.destroy();
    }
  }

  private static Rates measure(int port, int clients, int rounds, Duration time)
      throws IOException {
    String tag = entityTag(port);
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    double[] whole = new double[rounds];
    double[] unchanged = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      whole[i] = new Load(address, Load.get("/log", ""), 200).run(clients, time).perSecond();
      unchanged[i] =
          new Load(address, Load.get("/log", "if-none-match: " + tag + "\r\n"), 304)
              .run(clients, time)
              .perSecond();
    }
    return new Rates(Samples.median(whole), Samples.median(unchanged));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String entityTag(int port) throws IOException {
    HttpClient client =
        new HttpClient(Endpoint.parse("http://127.0.0.1:" + port), Duration.ofSeconds(5));
    IOException last = new IOException("nginx: not tried");
    for (int i = 0; i < 50; i++) {
      try (Answer answer = client.get("/log", Map.of())) {
        return answer.header("etag").orElseThrow(() -> new IOException("nginx: no ETag"));
      } catch (IOException e) {
        last = e;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(100);
      } catch (InterruptedException e) {
        throw new IOException("interrupted", e);
      }
    }
    throw last;
  }
}
