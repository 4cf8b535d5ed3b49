package dev.cairn.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.ServiceStatus;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What the service says about itself: document, health, metrics, contract. */
final class StatusResource {
  private static final CharSequence TEXT = HttpHeaders.createOptimized("text/plain; charset=utf-8");
  private static final CharSequence METRICS =
      HttpHeaders.createOptimized("text/plain; version=0.0.4; charset=utf-8");
  private static final CharSequence YAML = HttpHeaders.createOptimized("application/yaml");
  private static final String CONTRACT = "openapi.yaml";

  private final MeasuredLog log;
  private final Readiness readiness;
  private final MetricsText metricsText;
  private final String version;

  StatusResource(MeasuredLog log, Readiness readiness, MetricsText metricsText, String version) {
    this.log = log;
    this.readiness = readiness;
    this.metricsText = metricsText;
    this.version = version;
  }

  void index(Exchange exchange) throws ProblemException {
    noParameters(exchange);
    exchange.text(
        200,
        TEXT,
        """
        Cairn %s: an event log and measurement registers that say the same thing.

        GET  /v1                              what this service is
        GET  /v1/registers                    the registers
        POST /v1/registers/{register}/events  measure an event
        GET  /v1/log                          the log
        GET  /v1/log/stream                   the log, as it grows
        GET  /v1/firmware-log                 the log that the firmware kept before
        GET  /v1/evidence?nonce=              a quote, and exactly the log that explains it
        GET  /openapi.yaml                    all of it in full
        """
            .formatted(version));
  }

  void service(Exchange exchange) throws ProblemException {
    noParameters(exchange);
    ServiceStatus status = log.status();
    exchange.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    exchange.json(200, Json.write(json -> service(json, status)));
  }

  private void service(JsonGenerator json, ServiceStatus status) throws IOException {
    json.writeStartObject();
    json.writeStringField("service", "cairn");
    json.writeStringField("version", version);
    json.writeStringField("backend", status.backend());
    json.writeStringField("backend_description", Json.wellFormed(status.backendDescription()));
    json.writeStringField("epoch", status.epoch());
    json.writeNumberField("end_position", status.committedPosition());
    json.writeNumberField("log_bytes", status.committedBytes());
    json.writeNumberField("queued", status.queued());
    json.writeNumberField("queue_limit", status.queueLimit());
    readiness(json, status);
    json.writeObjectFieldStart("links");
    json.writeStringField("registers", "/v1/registers");
    json.writeStringField("events", "/v1/registers/{register}/events");
    json.writeStringField("log", "/v1/log");
    json.writeStringField("log_stream", "/v1/log/stream");
    json.writeStringField("firmware_log", "/v1/firmware-log");
    json.writeStringField("evidence", "/v1/evidence{?nonce}");
    json.writeStringField("contract", "/openapi.yaml");
    json.writeStringField("liveness", "/livez");
    json.writeStringField("readiness", "/readyz");
    json.writeStringField("metrics", "/metrics");
    json.writeEndObject();
    json.writeEndObject();
  }

  private void readiness(JsonGenerator json, ServiceStatus status) throws IOException {
    List<String> reasons = reasons(status);
    json.writeBooleanField("ready", reasons.isEmpty());
    json.writeArrayFieldStart("reasons");
    for (String reason : reasons) {
      json.writeString(Json.wellFormed(reason));
    }
    json.writeEndArray();
  }

  private List<String> reasons(ServiceStatus status) {
    List<String> reasons = new ArrayList<>();
    readiness.reason().ifPresent(reasons::add);
    status.failure().ifPresent(failure -> reasons.add("log: " + failure));
    if (!status.ready() && reasons.isEmpty()) {
      reasons.add("no register that can be extended is OK; GET /v1/registers says why");
    }
    return reasons;
  }

  /** Alive means that this runs at all. */
  void live(Exchange exchange) throws ProblemException {
    noParameters(exchange);
    exchange.text(200, TEXT, "ok\n");
  }

  void ready(Exchange exchange) throws ProblemException {
    noParameters(exchange);
    ServiceStatus status = log.status();
    List<String> reasons = reasons(status);
    exchange.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    if (reasons.isEmpty()) {
      exchange.text(200, TEXT, "ready\n");
    } else {
      throw new ProblemException(ProblemType.NOT_READY, String.join("; ", reasons));
    }
  }

  void metrics(Exchange exchange) throws ProblemException {
    noParameters(exchange);
    exchange.text(200, METRICS, metricsText.write());
  }

  void contract(Exchange exchange) throws ProblemException {
    noParameters(exchange);
    exchange.send(200, YAML, Buffer.buffer(Contract.TEXT));
  }

  private static void noParameters(Exchange exchange) throws ProblemException {
    Parameters.parse(exchange.request().query(), Set.of());
  }

  /** Read when somebody asks for it, and then kept. */
  private static final class Contract {
    static final byte[] TEXT = read();

    private static byte[] read() {
      try (InputStream in = StatusResource.class.getResourceAsStream("/" + CONTRACT)) {
        if (in == null) {
          throw new IllegalStateException(CONTRACT + " is not in the jar: the build is broken");
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
