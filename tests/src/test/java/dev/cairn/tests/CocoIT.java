package dev.cairn.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.testing.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Evidence under load, the file for an unmodified agent, and the verifier's rules on both. */
class CocoIT {
  private static final int SHA256 = 0xB;
  private static final long SAMPLE_REGISTER = 1;
  private static final int CLIENTS = 32;
  private static final int EVIDENCES = 1000;

  /** Evidence carries the whole log, and a test must end. */
  private static final int EVENTS_PER_EVIDENCE = 8;

  private static final int MIRROR_READS = 300;

  private static final String EVENT =
      "{\"domain\":\"example.org\",\"operation\":\"load\",\"content\":\"client %d event %d %s\"}";

  @TempDir Path directory;

  private Daemon.Setup sample() {
    return Daemon.Setup.emulator(directory.resolve("state"), "sample");
  }

  private static Response post(Connection connection, String body, String... headers)
      throws IOException {
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return connection.post("/aa/aael", lines, body.getBytes(StandardCharsets.UTF_8));
  }

  /** Posts from 32 clients until it is stopped. */
  private static final class Clients {
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Semaphore budget = new Semaphore(0);
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> defect = new AtomicReference<>();

    Clients(Daemon daemon) {
      for (int i = 0; i < CLIENTS; i++) {
        int client = i;
        Thread thread = new Thread(() -> run(daemon, client), "client " + i);
        threads.add(thread);
        thread.start();
      }
    }

    private void run(Daemon daemon, int client) {
      try (Connection connection = daemon.connect()) {
        for (int i = 0; !stopped.get(); i++) {
          Response response = post(connection, EVENT.formatted(client, i, "x".repeat(i % 97)));
          if (response.status() != 200) {
            throw new AssertionError(response.toString());
          }
          acknowledged.incrementAndGet();
          budget.acquire();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException | AssertionError e) {
        defect.compareAndSet(null, e);
      }
    }

    void stop() throws InterruptedException {
      stopped.set(true);
      budget.release(CLIENTS);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(defect.get()).isNull();
    }
  }

  private static void verify(Map<String, Object> evidence) throws Exception {
    byte[] log = Base64.getDecoder().decode(Json.text(evidence, "cc_eventlog"));
    Trustee trustee = Trustee.parse(log);
    assertThat(HexFormat.of().formatHex(trustee.replay(SAMPLE_REGISTER, SHA256)))
        .isEqualTo(Json.text(evidence, "measure_register"));
    assertThat(trustee.claims())
        .allMatch(claim -> claim.index() == SAMPLE_REGISTER && claim.digestMatches());
  }

  @Test
  void given32ClientsThatPost_whenEvidenceIsAskedFor1000Times_thenEveryOneReplays()
      throws Exception {
    try (Daemon daemon = sample().start();
        Connection connection = daemon.connect()) {
      Clients clients = new Clients(daemon);
      try {
        while (clients.acknowledged.get() == 0) {
          Thread.onSpinWait();
        }
        for (int i = 0; i < EVIDENCES; i++) {
          clients.budget.release(EVENTS_PER_EVIDENCE);
          Response response = connection.get("/aa/evidence?runtime_data=nonce" + i);
          assertThat(response.status()).isEqualTo(200);
          Map<String, Object> evidence = Json.parseObject(response.bytes());
          assertThat(Base64.getDecoder().decode(Json.text(evidence, "report_data")))
              .asString()
              .isEqualTo("nonce" + i);
          if (i % 20 == 0 || i > EVIDENCES - 20) {
            verify(evidence); // parsing them all would take the daemon's time
          } else {
            verifyEnd(evidence);
          }
        }
      } finally {
        clients.stop();
      }
      Map<String, Object> last =
          Json.parseObject(connection.get("/aa/evidence?runtime_data=x").bytes());
      verify(last);
      assertThat(Trustee.parse(Base64.getDecoder().decode(Json.text(last, "cc_eventlog"))).claims())
          .hasSize(clients.acknowledged.get());
    }
  }

  /** Replays without looking at contents. */
  private static void verifyEnd(Map<String, Object> evidence) throws Exception {
    byte[] log = Base64.getDecoder().decode(Json.text(evidence, "cc_eventlog"));
    java.security.MessageDigest hash = java.security.MessageDigest.getInstance("SHA-256");
    ByteBuffer in = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
    in.position(32 + in.getInt(28));
    byte[] value = new byte[32];
    byte[] digest = new byte[32];
    while (in.remaining() > Long.BYTES) {
      in.position(in.position() + 14);
      in.get(digest);
      hash.update(value);
      value = hash.digest(digest);
      int size = in.getInt();
      in.position(in.position() + size);
    }
    assertThat(in.getLong()).isEqualTo(-1);
    assertThat(HexFormat.of().formatHex(value)).isEqualTo(Json.text(evidence, "measure_register"));
  }

  @Test
  void givenAReconnectingClientWithAKey_whenItPostsTwice_thenThereIsOneEvent() throws Exception {
    try (Daemon daemon = sample().start()) {
      for (int i = 0; i < 2; i++) {
        try (Connection connection = daemon.connect()) {
          Response response =
              post(connection, EVENT.formatted(1, 1, ""), "idempotency-key: once-1");
          assertThat(response.text()).isEqualTo("{\"success\":\"true\"}");
        }
      }

      assertThat(daemon.get("/metrics").text()).contains("cairn_log_end_position 1\n");
    }
  }

  @Test
  void givenAnEventOncePerBoot_whenTheDaemonIsKilledAndItComesAgain_thenItIsNotExtendedAgain()
      throws Exception {
    Daemon.Setup setup = sample().with("--coco-once-per-boot", "cai runtime-config");
    String body = "{\"domain\":\"cai\",\"operation\":\"runtime-config\",\"content\":\"%s\"}";
    try (Daemon daemon = setup.start();
        Connection connection = daemon.connect()) {
      assertThat(post(connection, body.formatted("a")).status()).isEqualTo(200);
      daemon.kill();
    }

    try (Daemon daemon = setup.start();
        Connection connection = daemon.connect()) {
      assertThat(post(connection, body.formatted("a")).status()).isEqualTo(200);
      assertThat(post(connection, body.formatted("b")).status()).isEqualTo(500);
      assertThat(daemon.get("/metrics").text()).contains("cairn_log_end_position 1\n");
    }
  }

  @Test
  void givenAMirror_whenReadWhileClientsPost_thenItNeverEndsInARecordAndEndsAsTheLog()
      throws Exception {
    Path mirror = directory.resolve("attestation-agent/eventlog");
    try (Daemon daemon = sample().with("--coco-mirror", mirror.toString()).start()) {
      assertThat(mirror).doesNotExist();
      int reads = 0;
      Clients clients = new Clients(daemon);
      try {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (reads < MIRROR_READS) {
          assertThat(System.nanoTime()).as("reads: %d", reads).isLessThan(deadline);
          clients.budget.release(EVENTS_PER_EVIDENCE);
          try {
            requireWholeRecords(Files.readAllBytes(mirror));
            reads++;
          } catch (NoSuchFileException e) {
            assertThat(reads).as("reads before it was gone").isZero();
            Thread.sleep(1);
          }
        }
      } finally {
        clients.stop();
      }
      byte[] evidence =
          Base64.getDecoder()
              .decode(
                  Json.text(
                      Json.parseObject(daemon.get("/aa/evidence?runtime_data=x").bytes()),
                      "cc_eventlog"));
      byte[] records = Arrays.copyOfRange(evidence, 73, evidence.length - Long.BYTES);
      Awaitility.await()
          .untilAsserted(() -> assertThat(Files.readAllBytes(mirror)).isEqualTo(records));
    }
  }

  private static void requireWholeRecords(byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      assertThat(in.getInt()).isEqualTo(1);
      assertThat(in.getInt()).isEqualTo(6);
      in.position(in.position() + 6 + 32);
      int size = in.getInt();
      in.position(in.position() + size);
    }
  }

  @Test
  void givenALongLog_whenAClientOfConfidentialContainersComes_thenItsSizeIsWarnedOf()
      throws Exception {
    try (Daemon daemon = sample().start();
        Connection connection = daemon.connect()) {
      byte[] event =
          "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\"}"
              .getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 50; i++) {
        String json = "content-type: application/json\r\n";
        assertThat(connection.post("/v1/registers/rtmr0/events", json, event).status())
            .isEqualTo(201);
      }
      assertThat(daemon.errors()).doesNotContain("key brokers");

      assertThat(connection.get("/aa/evidence?runtime_data=x").status()).isEqualTo(200);

      assertThat(daemon.errors()).containsOnlyOnce("the log has 50 records, about ");
      assertThat(connection.get("/metrics").text()).contains("cairn_coco_token_bytes ");
    }
  }

  @Test
  void givenRubbishWhereTheMirrorGoes_whenStarted_thenItIsMadeFromTheLog() throws Exception {
    Path mirror = directory.resolve("eventlog");
    Daemon.Setup setup = sample().with("--coco-mirror", mirror.toString());
    try (Daemon daemon = setup.start();
        Connection connection = daemon.connect()) {
      post(connection, EVENT.formatted(1, 1, ""));
      Awaitility.await().until(() -> Files.exists(mirror));
      daemon.kill();
    }
    byte[] before = Files.readAllBytes(mirror);
    Files.writeString(mirror, "rubbish");

    try (Daemon daemon = setup.start()) {
      Awaitility.await().untilAsserted(() -> assertThat(mirror).exists().hasBinaryContent(before));
      assertThat(daemon.isAlive()).isTrue();
    }
  }

  /** Each defect of the list of the verifier's rules, seeded into a log that it accepts. */
  static Stream<Arguments> defects() {
    return Stream.of(
        Arguments.of(
            "an event type that it does not know", 73 + 4, "7f000000", "Unknown event type"),
        Arguments.of(
            "an algorithm that the header does not declare", 73 + 12, "0d00", "Missing digest"),
        Arguments.of("an algorithm that it does not know", 73 + 12, "9900", "unknown algorithm"),
        Arguments.of("a tagged size beyond the event", 73 + 54, "ffffff7f", "truncated"),
        Arguments.of("a text without spaces", 73 + 58 + 1, "5f", "space"),
        Arguments.of("a text that is not UTF-8", 73 + 58, "ff", "Illegal AAEL"),
        Arguments.of("an event beyond the end", 73 + 46, "ffff0000", "truncated"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("defects")
  void givenALogOfOurs_whenADefectIsSeeded_thenTheRulesRefuseIt(
      String name, int offset, String bytes, String reason) throws Exception {
    try (Daemon daemon = sample().start();
        Connection connection = daemon.connect()) {
      post(connection, "{\"domain\":\"a\",\"operation\":\"b\",\"content\":\"\"}");
      byte[] log =
          Base64.getDecoder()
              .decode(
                  Json.text(
                      Json.parseObject(connection.get("/aa/evidence?runtime_data=x").bytes()),
                      "cc_eventlog"));
      assertThat(Trustee.parse(log).claims()).hasSize(1);

      byte[] seeded = log.clone();
      byte[] defect = HexFormat.of().parseHex(bytes);
      System.arraycopy(defect, 0, seeded, offset, defect.length);

      assertThatThrownBy(() -> Trustee.parse(seeded))
          .as(name)
          .isInstanceOf(Trustee.RefusedException.class)
          .hasMessageContaining(reason);
    }
  }

  @Test
  void givenTheRegistersOfTdx_whenEventsGoToSeveral_thenEachRecordNamesTheRegisterThatChanged()
      throws Exception {
    try (Daemon daemon = Daemon.Setup.emulator(directory.resolve("state"), "tdx").start();
        Connection connection = daemon.connect()) {
      for (int pcr : new int[] {0, 1, 2, 8, 16, 23}) {
        assertThat(
                post(
                        connection,
                        "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"c\",\"register_index\":%d}"
                            .formatted(pcr))
                    .status())
            .isEqualTo(200);
      }
      Trustee trustee =
          Trustee.parse(
              Base64.getDecoder()
                  .decode(
                      Json.text(
                          Json.parseObject(connection.get("/aa/evidence?runtime_data=x").bytes()),
                          "cc_eventlog")));
      for (int rtmr = 0; rtmr < 4; rtmr++) {
        Map<String, Object> register =
            Json.parseObject(connection.get("/v1/registers/rtmr" + rtmr).bytes());
        assertThat(HexFormat.of().formatHex(trustee.replay(rtmr + 1L, 0xC)))
            .isEqualTo(Json.text(Json.object(register, "value"), "sha384"));
      }
    }
  }
}
