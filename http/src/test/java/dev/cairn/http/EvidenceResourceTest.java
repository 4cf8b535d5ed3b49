package dev.cairn.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.evidence.Evidence;
import dev.cairn.evidence.EvidenceLimits;
import dev.cairn.evidence.EvidenceOptions;
import dev.cairn.evidence.EvidenceReport;
import dev.cairn.evidence.EvidenceVerifier;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.LogSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Evidence of a log over several segments. */
class EvidenceResourceTest {
  private static final Bytes NONCE = Bytes.fromHex("fbeffe00");

  @TempDir Path directory;
  private RunningServer.Builder place;
  private RunningServer server;

  @BeforeEach
  void start() throws Exception {
    place = RunningServer.in(directory).segments(300);
    server = place.start();
    server.extend("rtmr2", 3);
    server.extend("rtmr3", 2);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static EvidenceReport verify(byte[] document, Optional<LogSource> log)
      throws IOException {
    try (Evidence evidence =
        Evidence.read(new ByteArrayInputStream(document), EvidenceLimits.DEFAULT)) {
      EvidenceOptions options =
          new EvidenceOptions(
              Optional.of(NONCE), Optional.empty(), Set.of(), true, false, log, List.of());
      return EvidenceVerifier.verify(evidence, options, Limits.DEFAULT);
    }
  }

  private static void assertGood(byte[] document, Optional<LogSource> log) throws IOException {
    EvidenceReport report = verify(document, log);
    assertThat(report.checks()).allMatch(Check::passed);
    assertThat(report.ok()).isTrue();
    assertThat(report.required()).contains(RegisterId.rtmr(2), RegisterId.rtmr(3));
  }

  @ParameterizedTest
  @CsvSource({"--_-AA", "--_-AA==", "%2B%2B%2F%2BAA", "%2B%2B%2F%2BAA%3D%3D", "--_-AA%3D%3D"})
  void whenTheNonceIsInEitherAlphabet_thenTheQuoteIsAboutIt(String nonce) throws Exception {
    HttpResponse<byte[]> response = server.getBytes("/v1/evidence?nonce=" + nonce);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("cairn-end-position")).contains("5");
    assertGood(response.body(), Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "'', missing",
    "nonce=A, A",
    "nonce=A*AA, A*AA",
    "nonce=++/+AA, '  /+'",
    "nonce=-_+/, -_",
    "'nonce=%00', needs 0 to 64 bytes"
  })
  void whenTheNonceIsNotUsable_thenTheRemedyIsSaid(String query, String observed) throws Exception {
    HttpResponse<String> response = server.get("/v1/evidence?" + query.replace("/+", "/%2B"));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body())
        .contains("invalid-parameter", "\"field\":\"nonce\"", "base64url", observed);
  }

  @Test
  void whenTheNonceIsTooLong_thenThatIsSaid() throws Exception {
    HttpResponse<String> response = server.get("/v1/evidence?nonce=" + "A".repeat(88));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("66 bytes", "hash what is longer");
  }

  @Test
  void whenTheLogIsLeftOut_thenUntilGivesIt() throws Exception {
    byte[] document = server.getBytes("/v1/evidence?nonce=--_-AA&log=false").body();
    server.extend("rtmr2", 1);
    byte[] log = server.getBytes("/v1/log?until=5").body();
    byte[] longer = server.getBytes("/v1/log").body();

    assertGood(document, Optional.of(source(log)));
    assertGood(document, Optional.of(source(longer)));
  }

  private static LogSource source(byte[] log) {
    return new LogSource() {
      @Override
      public String name() {
        return "log";
      }

      @Override
      public dev.cairn.eventlog.EventReader open() throws IOException {
        return EventLogs.open(new ByteArrayInputStream(log));
      }
    };
  }

  @Test
  void whenTheFirmwareLogIsWanted_thenItIsInTheEvidenceUnmodified() throws Exception {
    byte[] log = HexFormat.of().parseHex("00112233");
    Files.write(place.firmwareLog(), log);

    byte[] document = server.getBytes("/v1/evidence?nonce=&firmware_log=true").body();

    assertThat(new String(document, java.nio.charset.StandardCharsets.UTF_8))
        .contains("\"origin\":\"firmware\"", "\"format\":\"tcg2\",\"data\":\"ABEiMw==\"");
    assertThat(server.getBytes("/v1/firmware-log").body()).isEqualTo(log);
  }

  @Test
  void whenWritersGoOn_thenEveryEvidenceVerifies() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String register = "rtmr" + i;
      writers.add(
          threads.submit(
              () -> {
                while (!done.get()) {
                  server.extend(register, 1);
                }
                return null;
              }));
    }
    try {
      for (int i = 0; i < 30; i++) {
        assertGood(server.getBytes("/v1/evidence?nonce=--_-AA").body(), Optional.empty());
      }
    } finally {
      done.set(true);
      for (Future<?> writer : writers) {
        writer.get();
      }
      threads.shutdown();
    }
  }

  @Test
  void whenTheClientGoesInTheMiddle_thenItsPlaceIsFreeAgain() throws Exception {
    String large = "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"%s\"}";
    for (int i = 0; i < 16; i++) {
      server.post("/v1/registers/rtmr2/events", large.formatted("x".repeat(900_000)));
    }
    try (RawClient raw = RawClient.to(server.port)) {
      raw.send("GET /v1/evidence?nonce= HTTP/1.1\r\nhost: x\r\n\r\n").until("cairn_evidence");
      assertThat(metric("cairn_evidence_transfers")).isEqualTo("1");
    }

    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!metric("cairn_evidence_transfers").equals("0") && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    assertThat(metric("cairn_evidence_transfers")).isEqualTo("0");
    assertThat(metric("cairn_quotes_total{outcome=\"taken\"}")).isEqualTo("1");
  }

  private String metric(String name) throws Exception {
    return server
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElseThrow();
  }
}
