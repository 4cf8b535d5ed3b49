package dev.cairn.http;

import dev.cairn.measure.RegisterId;
import dev.cairn.service.ExtendRequest;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.Preview;
import dev.cairn.service.Receipt;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/registers/{register}/events}: measures one event. The hot path; it allocates
 * little and knows no JSON tree.
 */
final class EventsResource {
  /** A larger body is parsed and hashed elsewhere: 64 KiB take the event loop 0.3 ms. */
  private static final int LARGE_BODY = 64 * 1024;

  private static final int LONGEST_KEY = 255;
  private static final int MOST_NAMES = 64;
  private static final CharSequence IDEMPOTENCY_KEY =
      HttpHeaders.createOptimized("idempotency-key");
  private static final CharSequence LOCATION = HttpHeaders.createOptimized("location");
  private static final Set<String> PARAMETERS = Set.of("dry_run");

  private final MeasuredLog log;
  private final Completions completions;
  private final Executor workers;
  private final Metrics metrics;
  private final BooleanSupplier shuttingDown;
  private final ReceiptJson receiptJson = new ReceiptJson();
  private final Map<String, RegisterId> names = new HashMap<>();

  EventsResource(
      MeasuredLog log,
      Completions completions,
      Executor workers,
      Metrics metrics,
      BooleanSupplier shuttingDown) {
    this.log = log;
    this.completions = completions;
    this.workers = workers;
    this.metrics = metrics;
    this.shuttingDown = shuttingDown;
  }

  void post(Exchange exchange) throws ProblemException {
    if (shuttingDown.getAsBoolean()) {
      throw new ProblemException(
          ProblemType.SHUTTING_DOWN, "no new events are accepted; try again when it is back");
    }
    HttpServerRequest request = exchange.request();
    RegisterId register = register(exchange.segment());
    requireJson(request);
    boolean dryRun = Parameters.parse(request.query(), PARAMETERS).flag("dry_run");
    Optional<String> key = idempotencyKey(request);
    exchange.receiveBody(body -> received(exchange, register, dryRun, key, body));
  }

  private RegisterId register(String name) throws ProblemException {
    RegisterId known = names.get(name);
    if (known == null) {
      known = Registers.parse(name);
      if (names.size() < MOST_NAMES) { // parsing them costs more than all the rest of the routing
        names.put(name, known);
      }
    }
    return known;
  }

  private static void requireJson(HttpServerRequest request) throws ProblemException {
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    if (!Json.MEDIA_TYPE.equals(type) && !MediaTypes.isJson(type)) {
      throw new ProblemException(
          Problem.of(
              ProblemType.UNSUPPORTED_MEDIA_TYPE,
              "content-type",
              type == null ? "none" : type,
              "application/json, in UTF-8"));
    }
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new ProblemException(
          Problem.of(
              ProblemType.UNSUPPORTED_MEDIA_TYPE,
              "content-encoding",
              encoding,
              "none: send the body uncompressed"));
    }
  }

  private static Optional<String> idempotencyKey(HttpServerRequest request)
      throws ProblemException {
    String key = request.getHeader(IDEMPOTENCY_KEY);
    if (key == null) {
      return Optional.empty();
    }
    List<String> all = request.headers().getAll(IDEMPOTENCY_KEY);
    boolean visible = key.chars().allMatch(c -> c > ' ' && c < 0x7F);
    if (all.size() != 1 || key.isEmpty() || key.length() > LONGEST_KEY || !visible) {
      throw new ProblemException(
          Problem.of(
              ProblemType.INVALID_HEADER,
              "idempotency-key",
              all.size() == 1 ? key : "given " + all.size() + " times",
              "1 to 255 visible ASCII characters, once"));
    }
    return Optional.of(key);
  }

  private void received(
      Exchange exchange, RegisterId register, boolean dryRun, Optional<String> key, byte[] body) {
    if (body.length <= LARGE_BODY) {
      submit(exchange, register, dryRun, key, body);
      return;
    }
    try {
      workers.execute(() -> submit(exchange, register, dryRun, key, body));
    } catch (RejectedExecutionException e) {
      exchange.problem(
          new Problem(ProblemType.TOO_MANY_BODIES, "too many large bodies are waiting; try again"));
    }
  }

  /** Event loop for small bodies, a worker for large ones; answers by way of the event loop. */
  private void submit(
      Exchange exchange, RegisterId register, boolean dryRun, Optional<String> key, byte[] body) {
    try {
      EventBody.Parsed parsed = EventBody.parse(body);
      ExtendRequest request = new ExtendRequest(register, parsed.event(), parsed.digests(), key);
      if (dryRun) {
        var unused =
            log.preview(request)
                .whenComplete((preview, failure) -> done(exchange, null, preview, failure));
      } else {
        var unused =
            log.extend(request)
                .whenComplete((receipt, failure) -> done(exchange, receipt, null, failure));
      }
    } catch (ProblemException | RuntimeException e) {
      done(exchange, null, null, e);
    }
  }

  private void done(
      Exchange exchange,
      @Nullable Receipt receipt,
      @Nullable Preview preview,
      @Nullable Throwable failure) {
    completions.add(new Answer(exchange, receipt, preview, failure));
  }

  /** An outcome on its way back to the event loop. */
  private final class Answer extends Completions.Completion {
    private final Exchange exchange;
    private final @Nullable Receipt receipt;
    private final @Nullable Preview preview;
    private final @Nullable Throwable failure;

    Answer(
        Exchange exchange,
        @Nullable Receipt receipt,
        @Nullable Preview preview,
        @Nullable Throwable failure) {
      this.exchange = exchange;
      this.receipt = receipt;
      this.preview = preview;
      this.failure = failure;
    }

    @Override
    void run() {
      if (failure != null) {
        exchange.fail(failure);
      } else if (receipt != null) {
        metrics.acknowledged(receipt.repeated(), System.nanoTime() - exchange.startNanos());
        if (!exchange.finished()) {
          exchange
              .response()
              .putHeader(LOCATION, "/v1/log?from=" + receipt.position() + "&limit=1");
          exchange.json(201, receiptJson.of(receipt));
        }
      } else if (preview != null) {
        exchange.json(200, receiptJson.of(preview));
      }
    }
  }
}
