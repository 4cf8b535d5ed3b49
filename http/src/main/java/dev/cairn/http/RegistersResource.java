package dev.cairn.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.RegisterStatus;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/registers} and {@code GET /v1/registers/{register}}. Reading registers takes a
 * turn of the sequencer and, on a chip, milliseconds: requests that come while a read is under way
 * share the next one, so that they see everything acknowledged before they came.
 */
final class RegistersResource {
  private final MeasuredLog log;
  private final Completions completions;
  private List<Waiting> nextRead = new ArrayList<>();
  private boolean reading;

  RegistersResource(MeasuredLog log, Completions completions) {
    this.log = log;
    this.completions = completions;
  }

  /** A request that waits for a read; one register, or all of them. */
  private record Waiting(Exchange exchange, Optional<RegisterId> only) {}

  void all(Exchange exchange) throws ProblemException {
    Parameters.parse(exchange.request().query(), Set.of());
    enqueue(new Waiting(exchange, Optional.empty()));
  }

  void one(Exchange exchange) throws ProblemException {
    Parameters.parse(exchange.request().query(), Set.of());
    enqueue(new Waiting(exchange, Optional.of(Registers.parse(exchange.segment()))));
  }

  private void enqueue(Waiting waiting) {
    nextRead.add(waiting);
    if (!reading) {
      read();
    }
  }

  private void read() {
    List<Waiting> served = nextRead;
    nextRead = new ArrayList<>();
    reading = true;
    var unused =
        log.registers()
            .whenComplete(
                (statuses, failure) -> completions.add(new Answer(served, statuses, failure)));
  }

  private final class Answer extends Completions.Completion {
    private final List<Waiting> served;
    private final @Nullable List<RegisterStatus> statuses;
    private final @Nullable Throwable failure;

    Answer(
        List<Waiting> served,
        @Nullable List<RegisterStatus> statuses,
        @Nullable Throwable failure) {
      this.served = served;
      this.statuses = statuses;
      this.failure = failure;
    }

    @Override
    void run() {
      reading = false;
      if (!nextRead.isEmpty()) {
        read();
      }
      for (Waiting waiting : served) {
        if (statuses == null) {
          waiting.exchange.fail(
              failure == null ? new IllegalStateException("no registers, no reason") : failure);
        } else {
          answer(waiting, statuses);
        }
      }
    }
  }

  private void answer(Waiting waiting, List<RegisterStatus> statuses) {
    if (waiting.exchange.finished()) {
      return;
    }
    if (waiting.only.isEmpty()) {
      noStore(waiting.exchange);
      waiting.exchange.json(200, Json.write(json -> list(json, statuses)));
      return;
    }
    RegisterId wanted = waiting.only.get();
    for (RegisterStatus status : statuses) {
      if (status.descriptor().id().equals(wanted)) {
        noStore(waiting.exchange);
        waiting.exchange.json(200, Json.write(json -> register(json, status)));
        return;
      }
    }
    waiting.exchange.fail(Registers.unknown(wanted.name()));
  }

  private static void noStore(Exchange exchange) {
    exchange.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
  }

  private void list(JsonGenerator json, List<RegisterStatus> statuses) throws IOException {
    json.writeStartObject();
    json.writeStringField("epoch", log.status().epoch());
    json.writeArrayFieldStart("registers");
    for (RegisterStatus status : statuses) {
      register(json, status);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void register(JsonGenerator json, RegisterStatus status) throws IOException {
    RegisterId id = status.descriptor().id();
    json.writeStartObject();
    json.writeStringField("register", id.name());
    json.writeArrayFieldStart("banks");
    for (HashAlgorithm bank : status.descriptor().banks()) {
      json.writeStartObject();
      json.writeStringField("bank", bank.bank());
      json.writeNumberField("algorithm_id", bank.tpmId());
      json.writeNumberField("size", bank.sizeBytes());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeBooleanField("extendable", status.descriptor().notExtendable().isEmpty());
    optional(json, "not_extendable_reason", status.descriptor().notExtendable());
    json.writeBooleanField("resettable", status.descriptor().resettable());
    Json.digests(json, "reset_value", status.descriptor().resetValue());
    if (status.value().isPresent()) {
      Json.digests(json, "value", status.value().get());
    }
    if (status.replayed().isPresent()) {
      Json.digests(json, "replayed", status.replayed().get());
    }
    json.writeStringField("start_value_origin", Json.wellFormed(status.startValueOrigin()));
    json.writeNumberField("records", status.records());
    json.writeStringField("state", status.state().name());
    optional(json, "reason", status.reason());
    IndexSpaces.write(json, id);
    json.writeEndObject();
  }

  private static void optional(JsonGenerator json, String name, Optional<String> text)
      throws IOException {
    if (text.isPresent()) {
      json.writeStringField(name, Json.wellFormed(text.get()));
    }
  }
}
