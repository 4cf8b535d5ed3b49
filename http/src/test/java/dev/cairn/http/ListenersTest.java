package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.service.MeasuredLog;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenersTest {
  @TempDir Path directory;

  private static CairnServer start(ListenAddress address, MeasuredLog log) throws IOException {
    return CairnServer.start(
        new HttpSettings(
            List.of(address), HttpLimits.DEFAULT, "test", Optional.empty(), Optional.empty()),
        log);
  }

  @Nested
  class GivenAUnixSocket {
    @Test
    void whenServed_thenOwnerAndGroupMayConnectAndItGoesWithTheServer() throws Exception {
      RunningServer server = RunningServer.in(directory).start();
      try (server;
          RawClient raw = RawClient.to(UnixDomainSocketAddress.of(server.socket))) {
        assertThat(raw.send(RawClient.post(RunningServer.EVENT)).until("repeated"))
            .contains("HTTP/1.1 201");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket)))
            .isEqualTo("rw-rw----");
      }
      assertThat(server.socket).doesNotExist();
    }

    @Test
    void whenADeadOneLiesThere_thenItIsReplaced() throws Exception {
      Path dead = directory.resolve("cairn.sock");
      try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        killed.bind(UnixDomainSocketAddress.of(dead));
      }
      try (RunningServer server = RunningServer.in(directory).start()) {
        assertThat(server.socket).exists();
      }
    }

    @Test
    void whenSomebodyListensThere_thenTheStartIsRefusedAndHeIsLeftAlone() throws Exception {
      Path taken = directory.resolve("taken.sock");
      try (ServerSocketChannel living = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
          RunningServer server = RunningServer.in(directory).start()) {
        living.bind(UnixDomainSocketAddress.of(taken));

        assertThatThrownBy(() -> start(new ListenAddress.Unix(taken), server.log))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("another process listens there");
        assertThat(taken).exists();
      }
    }

    @Test
    void whenAFileLiesThere_thenItIsNotTouched() throws Exception {
      Path file = Files.writeString(directory.resolve("file"), "precious");
      try (RunningServer server = RunningServer.in(directory).start()) {
        assertThatThrownBy(() -> start(new ListenAddress.Unix(file), server.log))
            .hasMessageContaining("no socket");
      }
      assertThat(file).hasContent("precious");
    }
  }

  @Nested
  class GivenATcpAddress {
    @Test
    void whenItIsNotLoopback_thenItIsRefused() throws Exception {
      try (RunningServer server = RunningServer.in(directory).start()) {
        assertThatThrownBy(() -> start(ListenAddress.parse("0.0.0.0:0"), server.log))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("TLS");
      }
    }

    @Test
    void whenItIsInUse_thenTheAddressIsNamed() throws Exception {
      try (RunningServer server = RunningServer.in(directory).start()) {
        ListenAddress taken = new ListenAddress.Tcp("127.0.0.1", server.port);

        assertThatThrownBy(() -> start(taken, server.log))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("127.0.0.1:" + server.port);
      }
    }
  }

  @Nested
  class GivenAShutdown {
    @Test
    void whenAnEventIsInFlight_thenItIsAnsweredAndNewOnesAreNotTaken() throws Exception {
      try (RunningServer server =
              RunningServer.in(directory).faults("on extend 1: delay 700ms").start();
          RawClient inFlight = RawClient.to(server.port);
          RawClient idle = RawClient.to(server.port)) {
        inFlight.send(RawClient.post(RunningServer.EVENT));
        idle.send("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").until("ok");
        CompletableFuture<Void> down =
            CompletableFuture.runAsync(() -> server.server.shutdown(Duration.ofSeconds(20)));

        assertThat(inFlight.until("repeated")).contains("HTTP/1.1 201");
        down.get(20, TimeUnit.SECONDS);
        assertThat(idle.untilClosed()).doesNotContain(" 500 ");
        assertThatThrownBy(() -> RawClient.to(server.port)).isInstanceOf(IOException.class);
      }
    }

    @Test
    void whenSomebodyFollowsTheLog_thenTheStreamIsEnded() throws Exception {
      try (RunningServer server = RunningServer.in(directory).start();
          RawClient follower = RawClient.to(server.port)) {
        follower.send("GET /v1/log/stream HTTP/1.1\r\nhost: x\r\n\r\n").until(": 0");
        server.server.shutdown(Duration.ofSeconds(20));

        assertThat(follower.untilClosed()).endsWith("\r\n0\r\n\r\n");
      }
    }
  }
}
