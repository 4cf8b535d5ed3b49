package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cairn.emulator.EmulatorProfile;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Clients that mean ill get a clear 4xx or a closed connection; the service and its memory do not
 * notice.
 */
class HostileClientIT {
  private static final int MOST_MORE_KIB = 48 * 1024;
  private static final long SEED = Long.getLong("cairn.seed", System.nanoTime());
  private static final String EXTEND = "/v1/registers/rtmr2/events";
  private static final String POST =
      "POST " + EXTEND + " HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

  private static final Audit AUDIT = new Audit(EmulatorProfile.TDX);
  private static int residentBefore;
  private static int tests;
  private static Daemon daemon;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    daemon =
        Daemon.Setup.emulator(folder.resolve("state"), "tdx")
            .with("--http-request-timeout", "1s", "--http-idle-timeout", "3s")
            .with("--http-heartbeat", "1s")
            .start();
    Load load =
        Load.start(daemon, "before", 4, List.of("rtmr1", "rtmr2"), new SplittableRandom(SEED));
    await().atMost(60, SECONDS).until(() -> load.acknowledged() >= 500);
    AUDIT.add(load.stop());
    residentBefore = daemon.residentKiB();
  }

  @AfterEach
  void holdsThePromiseAndItsMemory() throws Exception {
    Attempt attempt = new Attempt(new Event("after" + tests++, "rtmr3", "x", Optional.empty()));
    try (Connection connection = daemon.connect()) {
      assertThat(attempt.send(connection).status()).isEqualTo(201);
    }
    AUDIT.add(List.of(attempt));
    AUDIT.checkWhole(daemon);
    assertThat(daemon.residentKiB()).isLessThan(residentBefore + MOST_MORE_KIB);
  }

  @AfterAll
  static void end() {
    daemon.close();
  }

  @Nested
  class GivenManyConnections {
    private static final int CONNECTIONS = 5000;

    @Test
    void when5000AreOpenAndSaySomething_thenThoseThatWereThereAreServed() throws Exception {
      List<Connection> flood = new ArrayList<>();
      try (Connection before = daemon.connect()) {
        for (int i = 0; i < CONNECTIONS; i++) {
          open(flood);
          if (i % 500 == 0) {
            assertThat(before.get("/livez").status()).isEqualTo(200);
          }
        }
        assertThat(before.get("/readyz").status()).isEqualTo(200);
        assertThat(daemon.residentKiB()).isLessThan(residentBefore + MOST_MORE_KIB);
      } finally {
        for (Connection connection : flood) {
          connection.close();
        }
      }
      await().atMost(20, SECONDS).until(this::admitsOthers);
    }

    /** Sends half a request; the service may have closed the connection by then. */
    private void open(List<Connection> flood) throws IOException {
      Connection connection = daemon.connect();
      flood.add(connection);
      try {
        connection.send("GET /v1 HTTP/1.1\r\nhost: x\r\n");
      } catch (SocketException e) {
        assertThat(e).hasMessageMatching("(?i).*(broken pipe|reset).*");
      }
    }

    private boolean admitsOthers() throws IOException {
      try {
        return daemon.get("/livez").status() == 200;
      } catch (EOFException | SocketException e) {
        return false; // closed without an answer: too many still
      }
    }
  }

  @Nested
  class GivenSlowSenders {
    private static final int SENDERS = 200;

    @Test
    void whenTheirBodiesDoNotCome_thenTheyAreEndedAndOthersServedMeanwhile() throws Exception {
      List<Connection> slow = new ArrayList<>();
      try {
        for (int i = 0; i < SENDERS; i++) {
          Connection connection = daemon.connect();
          slow.add(connection);
          connection.send(i % 2 == 0 ? POST + "content-length: 1000\r\n\r\n{" : "GET /v1 HT");
        }
        assertThat(daemon.get("/livez").status()).isEqualTo(200);
        for (Connection connection : slow) {
          assertRefused("a slow sender", connection);
        }
      } finally {
        for (Connection connection : slow) {
          connection.close();
        }
      }
    }
  }

  @Nested
  class GivenLargeBodies {
    private static final int MEBIBYTES = 10;
    private static final int CLIENTS = 32;

    @Test
    void whenMany10MiBBodiesCome_thenEachIsRefusedWith413() throws Exception {
      byte[] piece = new byte[1 << 20];
      for (int i = 0; i < CLIENTS; i++) {
        try (Connection connection = daemon.connect()) {
          connection.send(POST + "content-length: %d\r\n\r\n".formatted(MEBIBYTES << 20));
          assertTooLarge(connection, piece);
        }
        try (Connection connection = daemon.connect()) {
          connection.send(POST + "transfer-encoding: chunked\r\n\r\n");
          connection.send("%x\r\n".formatted(MEBIBYTES << 20));
          assertTooLarge(connection, piece);
        }
      }
    }

    /** Sends until the service has enough, and reads what it says to that. */
    private void assertTooLarge(Connection connection, byte[] piece) throws IOException {
      try {
        for (int i = 0; i < MEBIBYTES; i++) {
          connection.send(piece);
        }
      } catch (SocketException e) {
        assertThat(e).hasMessageMatching("(?i).*(broken pipe|reset).*");
        return; // closed before all was sent: the answer may be lost
      }
      Response answer = connection.receive();
      assertThat(answer.status()).as(answer.toString()).isEqualTo(413);
    }
  }

  @Nested
  class GivenGarbage {
    static final List<Arguments> REQUESTS =
        List.of(
            Arguments.of(
                "a TLS greeting",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"),
            Arguments.of("no HTTP", "hello\r\n\r\n"),
            Arguments.of("NUL bytes", "\u0000\u0000\u0000\u0000\r\n\r\n"),
            Arguments.of("an unknown version", "GET / HTTP/7.3\r\n\r\n"),
            Arguments.of(
                "a long request line", "GET /" + "a".repeat(5000) + " HTTP/1.1\r\nhost: x\r\n\r\n"),
            Arguments.of(
                "long headers", "GET / HTTP/1.1\r\nhost: x\r\na: " + "a".repeat(9000) + "\r\n\r\n"),
            Arguments.of(
                "many headers", "GET / HTTP/1.1\r\nhost: x\r\n" + "a: b\r\n".repeat(4000) + "\r\n"),
            Arguments.of("a negative length", POST + "content-length: -1\r\n\r\n"),
            Arguments.of("two lengths", POST + "content-length: 2\r\ncontent-length: 3\r\n\r\n{}"),
            Arguments.of(
                "length and chunks",
                POST + "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
            Arguments.of(
                "a chunk without a size", POST + "transfer-encoding: chunked\r\n\r\nzz\r\n\r\n"),
            Arguments.of("another path", "GET /../../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n"),
            Arguments.of("another method", "BREW / HTTP/1.1\r\nhost: x\r\n\r\n"),
            Arguments.of("no host", "GET /%00 HTTP/1.1\r\n\r\n"),
            body("nothing", ""),
            body("a truncated object", "{\"domain\":\"d\",\"operation\":\"o\",\"cont"),
            body("deep nesting", "[".repeat(100_000)),
            body("nesting in a field", "{\"domain\":" + "{\"a\":".repeat(50_000)),
            body(
                "invalid UTF-8",
                "{\"domain\":\"\u00ff\u00fe\",\"operation\":\"o\",\"content\":\"c\"}"),
            body(
                "an overlong form",
                "{\"domain\":\"\u00c0\u00af\",\"operation\":\"o\",\"content\":\"c\"}"),
            body(
                "a lone surrogate",
                "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"\\ud800\"}"),
            body(
                "a space in the domain",
                "{\"domain\":\"d d\",\"operation\":\"o\",\"content\":\"c\"}"),
            body(
                "a newline in the operation",
                "{\"domain\":\"d\",\"operation\":\"o\\n\",\"content\":\"c\"}"),
            body(
                "a key given twice",
                "{\"domain\":\"d\",\"domain\":\"e\",\"operation\":\"o\",\"content\":\"c\"}"),
            body("wrong types", "{\"domain\":1,\"operation\":[],\"content\":{}}"),
            body("a number without an end", "{\"event_type\":" + "9".repeat(500_000) + "}"),
            body(
                "something behind", "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\"} {}"));

    private static Arguments body(String name, String bytes) {
      return Arguments.of(name, POST + "content-length: " + bytes.length() + "\r\n\r\n" + bytes);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("REQUESTS")
    void whenItComes_thenItIsRefused(String name, String request) throws Exception {
      try (Connection connection = daemon.connect()) {
        connection.send(request.getBytes(ISO_8859_1));
        assertRefused(name, connection);
      }
    }

    @Test
    void whenRandomBytesCome_thenTheyAreRefused() throws Exception {
      SplittableRandom random = new SplittableRandom(SEED);
      for (int i = 0; i < 200; i++) {
        byte[] bytes = new byte[random.nextInt(1, 4000)];
        random.nextBytes(bytes);
        try (Connection connection = daemon.connect()) {
          connection.send(bytes);
          connection.send("\r\n\r\n\r\n\r\n");
          assertRefused("seed " + SEED, connection);
        }
      }
    }
  }

  /**
   * Wants a 4xx, the 501 or 505 of a version that is not spoken, or the end of the connection; any
   * other 5xx would be a defect, silence a leak.
   */
  private static void assertRefused(String what, Connection connection) throws IOException {
    connection.timeout(20_000);
    try {
      Response answer = connection.receive();
      assertThat(answer.status())
          .as("%s: %s", what, answer)
          .matches(status -> status / 100 == 4 || status == 501 || status == 505);
    } catch (EOFException e) {
      assertThat(e).as(what).isNotNull(); // closed: that is an answer too
    } catch (SocketTimeoutException e) {
      throw new AssertionError(what + ": neither an answer nor the end of the connection", e);
    } catch (SocketException e) {
      assertThat(e).as(what).hasMessageMatching("(?i).*(broken pipe|reset).*");
    }
  }
}
