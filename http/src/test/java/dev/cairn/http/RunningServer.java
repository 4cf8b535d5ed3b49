package dev.cairn.http;

import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.emulator.Fault;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.MeasuredLogOptions;
import dev.cairn.store.LogStore;
import dev.cairn.store.StoreOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The whole service on the emulator, in a directory, on a TCP port and a UNIX socket. */
final class RunningServer implements AutoCloseable {
  static final String EVENT =
      "{\"domain\":\"example.org/shop\",\"operation\":\"PullImage\",\"content\":\"sha256:0123\"}";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final Path socket;
  final EmulatorBackend emulator;
  final MeasuredLog log;
  final CairnServer server;
  final int port;

  private RunningServer(Builder builder) throws Exception {
    socket = builder.directory.resolve("cairn.sock");
    emulator =
        EmulatorBackend.openWithFirmwareLog(
            builder.profile, builder.directory.resolve("registers"), builder.firmwareLog());
    for (String fault : builder.faults) {
      emulator.inject(Fault.parse(fault));
    }
    log =
        MeasuredLog.open(
            LogStore.open(builder.directory.resolve("state"), builder.storeOptions),
            emulator,
            builder.logOptions);
    server =
        CairnServer.start(
            new HttpSettings(
                List.of(new ListenAddress.Tcp("127.0.0.1", 0), new ListenAddress.Unix(socket)),
                builder.limits,
                "test",
                Optional.empty(),
                builder.coco),
            log);
    port = ((ListenAddress.Tcp) server.addresses().get(0)).port();
  }

  /** What is not as usual. */
  static final class Builder {
    private final Path directory;
    private EmulatorProfile profile = EmulatorProfile.TDX;
    private HttpLimits limits = HttpLimits.DEFAULT;
    private StoreOptions storeOptions = StoreOptions.DEFAULT;
    private MeasuredLogOptions logOptions = MeasuredLogOptions.DEFAULT;
    private List<String> faults = List.of();
    private Optional<CocoSettings> coco = Optional.empty();

    private Builder(Path directory) {
      this.directory = directory;
    }

    Builder profile(EmulatorProfile other) {
      profile = other;
      return this;
    }

    Builder coco(CocoSettings settings) {
      coco = Optional.of(settings);
      return this;
    }

    Path state() {
      return directory.resolve("state");
    }

    /** Where the firmware's log is; nobody wrote one yet. */
    Path firmwareLog() {
      return directory.resolve("firmware-log");
    }

    Builder tpm() {
      profile = EmulatorProfile.TPM;
      return this;
    }

    Builder limits(HttpLimits value) {
      limits = value;
      return this;
    }

    Builder segments(long bytes) {
      storeOptions = storeOptions.withSegmentBytes(bytes);
      return this;
    }

    Builder options(MeasuredLogOptions value) {
      logOptions = value;
      return this;
    }

    Builder faults(String... script) {
      faults = List.of(script);
      return this;
    }

    RunningServer start() throws Exception {
      return new RunningServer(this);
    }
  }

  static Builder in(Path directory) {
    return new Builder(directory);
  }

  URI uri(String target) {
    return URI.create("http://127.0.0.1:" + port + target);
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(
        request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<byte[]> bytes(HttpRequest.Builder request) throws Exception {
    return client.send(
        request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  HttpResponse<String> get(String target, String... headers) throws Exception {
    return send(with(HttpRequest.newBuilder(uri(target)), headers));
  }

  HttpResponse<byte[]> getBytes(String target, String... headers) throws Exception {
    return bytes(with(HttpRequest.newBuilder(uri(target)), headers));
  }

  HttpResponse<String> post(String target, String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(target))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return send(with(request, headers));
  }

  private static HttpRequest.Builder with(HttpRequest.Builder request, String... headers) {
    return headers.length == 0 ? request : request.headers(headers);
  }

  /** Measures the usual event {@code times} times. */
  void extend(String register, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      HttpResponse<String> response = post("/v1/registers/" + register + "/events", EVENT);
      if (response.statusCode() != 201) {
        throw new AssertionError(response.statusCode() + " " + response.body());
      }
    }
  }

  @Override
  public void close() {
    server.close();
    log.close();
  }
}
