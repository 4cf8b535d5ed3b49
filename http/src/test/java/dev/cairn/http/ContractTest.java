package dev.cairn.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.ExtendException;
import dev.cairn.service.ExtendException.Reason;
import dev.cairn.service.LogSnapshot;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.MeasuredLogOptions;
import dev.cairn.service.QuoteException;
import dev.cairn.service.QuotedLog;
import dev.cairn.service.ServiceStatus;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Every promise of {@code openapi.yaml} is tried, and nothing is answered that is not in it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ContractTest {
  private static final String EXTEND = "/v1/registers/{register}/events";
  private static final String EVENTS = "/v1/registers/rtmr2/events";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Path directory;
  private Contract contract;
  private RunningServer server;

  @BeforeAll
  void start(@TempDir Path place) throws Exception {
    directory = place;
    contract = new Contract();
    server = RunningServer.in(Files.createDirectory(directory.resolve("main"))).start();
    server.extend("rtmr2", 3);
    server.extend("rtmr3", 1);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private RunningServer.Builder another(String name) throws Exception {
    return RunningServer.in(Files.createDirectory(directory.resolve(name)));
  }

  private HttpResponse<byte[]> get(String path, String target, int status, String... headers)
      throws Exception {
    HttpResponse<byte[]> response = server.getBytes(target, headers);
    assertThat(response.statusCode()).as(new String(response.body(), UTF_8)).isEqualTo(status);
    contract.holds("GET", path, response);
    return response;
  }

  private void extend(RunningServer to, String target, String body, int status, String... headers)
      throws Exception {
    extend(to.uri(target), body, status, headers);
  }

  private void extend(URI uri, String body, int status, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(body));
    request.setHeader("content-type", "application/json");
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).as(new String(response.body(), UTF_8)).isEqualTo(status);
    contract.holds("POST", EXTEND, response);
  }

  @Test
  void documentsAreAnswered() throws Exception {
    for (String path :
        List.of("/", "/v1", "/v1/registers", "/livez", "/readyz", "/metrics", "/openapi.yaml")) {
      get(path, path, 200);
      get(path, path + "?unknown=1", 400);
    }
    get("/v1/registers/{register}", "/v1/registers/rtmr2", 200);
    get("/v1/registers/{register}", "/v1/registers/mrtd", 200);
    get("/v1/registers/{register}", "/v1/registers/rtmr2?unknown=1", 400);
    get("/v1/registers/{register}", "/v1/registers/pcr16", 404);
  }

  @Test
  void registersOfATpmAreAnswered() throws Exception {
    try (RunningServer tpm = another("tpm").tpm().start()) {
      contract.holds("GET", "/v1/registers", tpm.getBytes("/v1/registers"));
      extend(tpm, "/v1/registers/pcr23/events", RunningServer.EVENT, 201);
    }
  }

  @Test
  void extendsAreAnsweredAndRefused() throws Exception {
    String event = RunningServer.EVENT;
    extend(server, EVENTS, event, 201);
    extend(server, EVENTS, "{\"event_type\":13,\"event_data\":\"AAEC\"}", 201);
    extend(
        server,
        EVENTS,
        "{\"event_type\":\"EV_IPL\",\"event_data\":\"\",\"digests\":{\"sha384\":\"%s\"}}"
            .formatted("0A".repeat(48)),
        201);
    extend(server, EVENTS + "?dry_run=true", event, 200);
    extend(server, EVENTS, event, 201, "idempotency-key", "k1");
    extend(server, EVENTS, event, 201, "idempotency-key", "k1");
    extend(server, EVENTS, "{\"event_type\":4,\"event_data\":\"\"}", 422, "idempotency-key", "k1");
    extend(server, EVENTS, event, 400, "idempotency-key", "two words");
    extend(server, EVENTS, "{", 400);
    extend(server, EVENTS, "{\"domain\":\"a b\",\"operation\":\"\",\"content\":\"\"}", 400);
    extend(server, EVENTS + "?dry_run=yes", event, 400);
    extend(server, "/v1/registers/mrtd/events", event, 403);
    extend(server, "/v1/registers/pcr16/events", event, 404);
    extend(server, "/v1/registers/nonsense/events", event, 404);
    extend(server, EVENTS, "x".repeat((1 << 20) + 1), 413);
    extend(server, EVENTS, event, 415, "content-type", "text/plain");
    extend(server, EVENTS, event, 415, "content-encoding", "gzip");
    extend(server, EVENTS, "{\"event_type\":3,\"event_data\":\"\"}", 422);
    extend(
        server,
        EVENTS,
        "{\"event_type\":6,\"event_data\":\"\",\"digests\":{\"sha256\":\"%s\"}}"
            .formatted("00".repeat(32)),
        422);
  }

  @Test
  void devicesThatFailAreNamed() throws Exception {
    try (RunningServer refusing = another("refusing").faults("on extend 1: refuse").start()) {
      extend(refusing, EVENTS, RunningServer.EVENT, 502);
      extend(refusing, EVENTS, RunningServer.EVENT, 201);
    }
    try (RunningServer diverged =
        another("diverged").faults("on extend 1: foreign-before random 7").start()) {
      extend(diverged, EVENTS, RunningServer.EVENT, 409);
      extend(diverged, EVENTS, RunningServer.EVENT, 409);
      contract.holds("GET", "/v1/registers", diverged.getBytes("/v1/registers"));
    }
  }

  @Test
  void aFullQueueIsNamed() throws Exception {
    MeasuredLogOptions small =
        new MeasuredLogOptions(1, 1, 4096, 1 << 20, MeasuredLogOptions.DEFAULT.onDivergence());
    try (RunningServer slow =
        another("slow").options(small).faults("on extend 1: delay 2s").start()) {
      HttpRequest request =
          HttpRequest.newBuilder(slow.uri(EVENTS))
              .header("content-type", "application/json")
              .POST(BodyPublishers.ofString(RunningServer.EVENT))
              .build();
      List<HttpResponse<byte[]>> responses =
          Stream.generate(() -> client.sendAsync(request, BodyHandlers.ofByteArray()))
              .limit(8)
              .toList()
              .stream()
              .map(CompletableFuture::join)
              .toList();
      responses.forEach(response -> contract.holds("POST", EXTEND, response));

      assertThat(responses).extracting(HttpResponse::statusCode).contains(201, 503);
    }
  }

  /** What only a real disk can do is shown in module tests; here the log says that it happened. */
  @Test
  void logsThatCannotBeWrittenAreNamed() throws Exception {
    MeasuredLog log = mock(MeasuredLog.class);
    when(log.registers()).thenReturn(CompletableFuture.completedFuture(List.of()));
    when(log.status())
        .thenReturn(
            new ServiceStatus(
                "mock", "", "e", 0, 0, 0, 1, 0, 0, 0, Map.of(), Optional.of("no space"), false));
    when(log.onTurn(any())).thenReturn(() -> {});
    CompletableFuture<dev.cairn.service.Receipt> full =
        CompletableFuture.failedFuture(
            new ExtendException(Reason.STORAGE_FULL, RegisterId.rtmr(2), "no space"));
    CompletableFuture<dev.cairn.service.Receipt> defect =
        CompletableFuture.failedFuture(new IllegalStateException("a defect, made for this test"));
    when(log.extend(any())).thenReturn(full).thenReturn(defect);
    CompletableFuture<QuotedLog> unsupported =
        CompletableFuture.failedFuture(
            new QuoteException(QuoteException.Reason.NOT_SUPPORTED, "a sheet of paper", null));
    when(log.quote(any())).thenReturn(unsupported);
    LogSnapshot snapshot = oneOpaqueRecord();
    when(log.snapshot()).thenReturn(snapshot);
    HttpSettings settings =
        new HttpSettings(
            List.of(new ListenAddress.Tcp("127.0.0.1", 0)),
            HttpLimits.DEFAULT,
            "test",
            Optional.empty(),
            Optional.empty());
    try (CairnServer broken = CairnServer.start(settings, log)) {
      String base = "http://" + broken.addresses().get(0);
      extend(URI.create(base + EVENTS), RunningServer.EVENT, 507);
      extend(URI.create(base + EVENTS), RunningServer.EVENT, 500);
      HttpResponse<byte[]> readiness =
          client.send(
              HttpRequest.newBuilder(URI.create(base + "/readyz")).build(),
              BodyHandlers.ofByteArray());
      assertThat(readiness.statusCode()).isEqualTo(503);
      contract.holds("GET", "/readyz", readiness);
      HttpResponse<byte[]> opaque =
          client.send(
              HttpRequest.newBuilder(URI.create(base + "/v1/log?format=tcg2")).build(),
              BodyHandlers.ofByteArray());
      assertThat(opaque.statusCode()).isEqualTo(422);
      contract.holds("GET", "/v1/log", opaque);
      HttpResponse<byte[]> unsigned =
          client.send(
              HttpRequest.newBuilder(URI.create(base + "/v1/evidence?nonce=")).build(),
              BodyHandlers.ofByteArray());
      assertThat(unsigned.statusCode()).isEqualTo(501);
      contract.holds("GET", "/v1/evidence", unsigned);
    }
  }

  /** Cairn's own events can be said in every format; a log of somebody else's need not be. */
  private static LogSnapshot oneOpaqueRecord() throws Exception {
    EventReader reader = mock(EventReader.class);
    when(reader.next())
        .thenReturn(
            new EventRecord(
                0,
                RegisterId.rtmr(2),
                DigestSet.filled(List.of(HashAlgorithm.SHA384), 1),
                new OpaqueContent("80", OpaqueContent.Encoding.TLV, Bytes.EMPTY)));
    LogSnapshot snapshot = mock(LogSnapshot.class);
    when(snapshot.epoch()).thenReturn("e");
    when(snapshot.endPosition()).thenReturn(1L);
    when(snapshot.read(0)).thenReturn(reader);
    return snapshot;
  }

  @Test
  void aBodyThatDoesNotComeIsNotWaitedFor() throws Exception {
    HttpLimits d = HttpLimits.DEFAULT;
    HttpLimits hasty =
        new HttpLimits(
            d.bodyBytes(),
            d.allBodiesBytes(),
            d.headerBytes(),
            d.requestLineBytes(),
            d.connections(),
            d.logTransfers(),
            d.eventStreams(),
            Duration.ofMillis(200),
            d.idleTimeout(),
            d.heartbeat());
    try (RunningServer slow = another("hasty").limits(hasty).start();
        RawClient raw = RawClient.to(slow.port)) {
      String request = RawClient.post(RunningServer.EVENT);
      raw.send(request.substring(0, request.length() - 1));

      contract.holds("POST", EXTEND, parsed(raw.untilClosed()));
    }
  }

  @Test
  void theLogIsAnsweredInEveryFormat() throws Exception {
    for (String format : LogMediaTypes.labels()) {
      get("/v1/log", "/v1/log?format=" + format, 200);
      get("/v1/log", "/v1/log?register=rtmr2&from=1&limit=1&format=" + format, 200);
    }
    get("/v1/log", "/v1/log", 200, "accept", "application/octet-stream");
    get("/v1/log", "/v1/log?from=1&limit=2", 200);
    HttpResponse<byte[]> part = get("/v1/log", "/v1/log", 206, "range", "bytes=-10");
    String tag = part.headers().firstValue("etag").orElseThrow();
    get("/v1/log", "/v1/log", 304, "if-none-match", tag);
    get("/v1/log", "/v1/log", 206, "range", "bytes=0-0", "if-range", tag);
    get("/v1/log", "/v1/log", 200, "range", "bytes=0-0", "if-range", "\"other\"");
    get("/v1/log", "/v1/log", 416, "range", "bytes=999999999-");
    get("/v1/log", "/v1/log?form=cel-tlv", 400);
    get("/v1/log", "/v1/log?from=99999", 400);
    get("/v1/log", "/v1/log?until=1", 200);
    get("/v1/log", "/v1/log?until=99999", 400);
    get("/v1/log", "/v1/log?from=2&until=1", 400);
    get("/v1/log", "/v1/log?register=rtmr2&from=99999", 400);
    get("/v1/log", "/v1/log?register=rtmr9", 404);
    get("/v1/log", "/v1/log", 406, "accept", "text/html");
  }

  @Test
  void aLogThatIsDamagedOrNotWantedByAFormatIsNamed() throws Exception {
    Path place = Files.createDirectory(directory.resolve("damaged"));
    try (RunningServer damaged = RunningServer.in(place).start()) {
      damaged.extend("rtmr2", 3);
      try (Stream<Path> files = Files.walk(place.resolve("state"))) {
        Path segment =
            files.filter(file -> file.toString().endsWith(".cel")).findAny().orElseThrow();
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
          channel.truncate(10);
        }
      }
      HttpResponse<byte[]> response = damaged.getBytes("/v1/log");
      assertThat(response.statusCode()).isEqualTo(500);
      contract.holds("GET", "/v1/log", response);
      HttpResponse<byte[]> evidence = damaged.getBytes("/v1/evidence?nonce=");
      assertThat(evidence.statusCode()).isEqualTo(500);
      contract.holds("GET", "/v1/evidence", evidence);
    }
  }

  @Test
  void tooManyReadersAreTurnedAway() throws Exception {
    HttpLimits d = HttpLimits.DEFAULT;
    HttpLimits few =
        new HttpLimits(
            d.bodyBytes(),
            d.allBodiesBytes(),
            d.headerBytes(),
            d.requestLineBytes(),
            d.connections(),
            1,
            1,
            d.requestTimeout(),
            d.idleTimeout(),
            d.heartbeat());
    RunningServer.Builder place = another("few").limits(few);
    try (RunningServer small = place.start();
        RawClient follower = RawClient.to(small.port);
        RawClient other = RawClient.to(small.port);
        RawClient reader = RawClient.to(small.port)) {
      follower.send("GET /v1/log/stream HTTP/1.1\r\nhost: x\r\n\r\n").until(": 0");
      contract.holds("GET", "/v1/log/stream", small.getBytes("/v1/log/stream"));
      String large = "{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"%s\"}";
      for (int i = 0; i < 16; i++) {
        extend(small, EVENTS, large.formatted("x".repeat(1_000_000)), 201);
      }
      reader.send("GET /v1/log?format=cel-json HTTP/1.1\r\nhost: x\r\n\r\n").until("HTTP/1.1 200");
      HttpResponse<byte[]> refused = small.getBytes("/v1/log");
      assertThat(refused.statusCode()).isEqualTo(503);
      contract.holds("GET", "/v1/log", refused);
      Files.copy(largest(place.state()), place.firmwareLog());
      other.send("GET /v1/firmware-log HTTP/1.1\r\nhost: x\r\n\r\n").until("HTTP/1.1 200");
      HttpResponse<byte[]> alsoRefused = small.getBytes("/v1/firmware-log");
      assertThat(alsoRefused.statusCode()).isEqualTo(503);
      contract.holds("GET", "/v1/firmware-log", alsoRefused);
    }
  }

  @Test
  void evidenceIsAnsweredAndRefused() throws Exception {
    String path = "/v1/evidence";
    get(path, path + "?nonce=3q2-7w", 200);
    get(path, path + "?nonce=&registers=rtmr2,rtmr3&banks=sha384&log=false", 200);
    get(path, path, 400);
    get(path, path + "?nonce=AAAA&registers=pcr0", 404);
    get(path, path + "?nonce=AAAA&firmware_log=true", 404);
    get(path, path + "?nonce=AAAA&banks=sha256", 422);
    try (RunningServer troubled =
        another("troubled")
            .faults("on quote 1: lose-reply", "on quote of rtmr2 2..3: foreign-before random 7")
            .start()) {
      for (int status : new int[] {503, 409, 409}) {
        HttpResponse<byte[]> response = troubled.getBytes(path + "?nonce=AAAA");
        assertThat(response.statusCode()).isEqualTo(status);
        contract.holds("GET", path, response);
      }
    }
  }

  @Test
  void firmwareLogsAreAnswered() throws Exception {
    String path = "/v1/firmware-log";
    get(path, path, 404);
    get(path, path + "?origin=ima", 404);
    get(path, path + "?origin=oracle", 400);
    RunningServer.Builder place = another("firmware");
    try (RunningServer with = place.start()) {
      Files.write(place.firmwareLog(), new byte[] {1, 2, 3});
      HttpResponse<byte[]> response = with.getBytes(path);
      assertThat(response.body()).containsExactly(1, 2, 3);
      contract.holds("GET", path, response);
      contract.holds(
          "GET", "/v1/evidence", with.getBytes("/v1/evidence?nonce=AAAA&firmware_log=true"));
      Files.delete(place.firmwareLog());
      Files.createSymbolicLink(place.firmwareLog(), place.firmwareLog());
      HttpResponse<byte[]> unreadable = with.getBytes(path);
      assertThat(unreadable.statusCode()).isEqualTo(500);
      contract.holds("GET", path, unreadable);
    }
  }

  private static Path largest(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".cel"))
          .max(Comparator.comparing(file -> file.toFile().length()))
          .orElseThrow();
    }
  }

  @Test
  void theStreamIsAnswered() throws Exception {
    try (RawClient raw = RawClient.to(server.port)) {
      raw.send("GET /v1/log/stream?from=0 HTTP/1.1\r\nhost: x\r\n\r\n");
      String seen = raw.until("id: 2\n");
      contract.holds("GET", "/v1/log/stream", parsed(seen));
    }
    get("/v1/log/stream", "/v1/log/stream?from=99999", 400);
    get("/v1/log/stream", "/v1/log/stream", 400, "last-event-id", "x");
  }

  @Test
  void whatIsNotThereIs404AndWhatCannotBeDoneIs405() throws Exception {
    for (String path : contract.paths()) {
      String target = path.replace("{register}", "rtmr2");
      HttpRequest.Builder request =
          HttpRequest.newBuilder(server.uri(target)).method("DELETE", BodyPublishers.noBody());
      HttpResponse<String> response = server.send(request);

      assertThat(response.statusCode()).as(path).isEqualTo(405);
      String allow = response.headers().firstValue("allow").orElseThrow();
      assertThat(allow.replace("HEAD", "").replaceAll("[, ]+", " ").strip().split(" ", -1))
          .as(path)
          .containsExactlyInAnyOrderElementsOf(contract.methods(path));
      assertThat(response.body()).contains("urn:cairn:problem:method-not-allowed");
    }
    for (String target : List.of("/v2", "/v1/", "//v1", "/v1/../v1", "/v1/registers//events")) {
      assertThat(server.get(target).statusCode()).as(target).isEqualTo(404);
    }
  }

  @Test
  void headIsAnsweredWhereverGetIs() throws Exception {
    for (String path : contract.paths()) {
      boolean there = !path.endsWith("/stream") && !path.endsWith("/firmware-log");
      if (contract.methods(path).contains("GET") && there) {
        String target = path.replace("{register}", "rtmr2").replace("evidence", "evidence?nonce=");
        HttpResponse<String> got = server.get(target);
        HttpResponse<String> head =
            server.send(
                HttpRequest.newBuilder(server.uri(target)).method("HEAD", BodyPublishers.noBody()));

        assertThat(head.statusCode()).as(path).isEqualTo(200);
        assertThat(head.body()).as(path).isEmpty();
        if (!path.equals("/metrics")) {
          Map<String, List<String>> expected = new java.util.TreeMap<>(got.headers().map());
          expected.remove("transfer-encoding"); // nothing is transferred
          assertThat(head.headers().map()).as(path).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void everyPromiseWasTried() {
    assertThat(contract.tried())
        .containsAll(
            contract.promises().stream()
                .filter(
                    promise -> !promise.equals("GET /v1/log 422")) // no record of Cairn's has it
                .toList());
  }

  /** Makes a response of what came over the wire; chunks are put together. */
  private static HttpResponse<byte[]> parsed(String wire) {
    int end = wire.indexOf("\r\n\r\n");
    String[] lines = wire.substring(0, end).split("\r\n", -1);
    Map<String, List<String>> headers = new java.util.TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.put(lines[i].substring(0, colon), List.of(lines[i].substring(colon + 1).strip()));
    }
    @SuppressWarnings("unchecked")
    HttpResponse<byte[]> response = mock(HttpResponse.class);
    when(response.statusCode()).thenReturn(Integer.parseInt(lines[0].split(" ", 3)[1]));
    when(response.headers()).thenReturn(java.net.http.HttpHeaders.of(headers, (k, v) -> true));
    when(response.body()).thenReturn(wire.substring(end + 4).getBytes(ISO_8859_1));
    return response;
  }
}
