package dev.cairn.http;

import dev.cairn.service.MeasuredLog;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What all listeners serve: the routes, and what is answered where there is no route. */
final class Service {
  private final HttpLimits limits;
  private final Connections connections;
  private final Completions completions;
  private final EventStreams streams;
  private final Routes routes = new Routes();
  private final @Nullable CocoResource coco;

  Service(
      HttpSettings settings,
      MeasuredLog log,
      @Nullable Coco cocoParts,
      Context context,
      Executor workers,
      Readiness readiness) {
    this.limits = settings.limits();
    Metrics metrics = new Metrics();
    this.connections = new Connections(limits, metrics);
    this.completions = new Completions(context, metrics::burst);

    EventsResource events =
        new EventsResource(log, completions, workers, metrics, readiness::isShuttingDown);
    this.coco =
        cocoParts == null
            ? null
            : new CocoResource(
                cocoParts,
                log,
                completions,
                workers,
                limits,
                metrics,
                new CocoTokens(context.owner(), cocoParts.settings().tokenUpstream().orElse(null)),
                settings.version());
    RegistersResource registers = new RegistersResource(log, completions);
    LogResource logs = new LogResource(log, completions, workers, limits);
    ForeignLogs others = new ForeignLogs(log);
    ForeignLogResource foreign = new ForeignLogResource(others, completions, workers, limits);
    EvidenceResource evidence =
        new EvidenceResource(log, others, completions, workers, metrics, limits);
    this.streams = new EventStreams(log, context, completions, workers, limits);
    StatusResource status =
        new StatusResource(
            log,
            readiness,
            new MetricsText(
                log,
                metrics,
                connections,
                readiness,
                logs,
                streams,
                () -> evidence.transfers() + foreign.transfers()),
            settings.version());
    routes
        .on(HttpMethod.POST, "/v1/registers/{register}/events", events::post)
        .get("/v1/registers/{register}", registers::one)
        .get("/v1/registers", registers::all)
        .get("/v1/log", logs::get)
        .get("/v1/log/stream", streams::get)
        .get("/v1/firmware-log", foreign::get)
        .get("/v1/evidence", evidence::get)
        .get("/v1", status::service)
        .get("/livez", status::live)
        .get("/readyz", status::ready)
        .get("/metrics", status::metrics)
        .get("/openapi.yaml", status::contract)
        .get("/", status::index);
    context
        .owner()
        .setPeriodic(
            connections.sweepMillis(),
            timer -> context.runOnContext(go -> connections.sweep(System.nanoTime())));
  }

  void opened(HttpConnection connection) {
    connections.opened(connection);
  }

  void request(HttpServerRequest request) {
    Exchange exchange = connections.begin(request);
    if (exchange == null) {
      return;
    }
    try {
      if (coco != null && CocoResource.has(request.path())) {
        coco.answer(exchange);
      } else {
        routes.answer(exchange);
      }
    } catch (ProblemException | RuntimeException e) {
      exchange.fail(e);
    }
  }

  /** Answers what Netty could not make a request of; Vert.x closes the connection afterwards. */
  void invalidRequest(HttpServerRequest request) {
    Exchange exchange = connections.begin(request);
    if (exchange == null) {
      return;
    }
    Throwable cause = request.decoderResult().cause();
    exchange.problemAndClose(problem(cause));
  }

  private Problem problem(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return new Problem(
          ProblemType.REQUEST_LINE_TOO_LONG,
          "the request line is longer than %d bytes".formatted(limits.requestLineBytes()));
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return new Problem(
          ProblemType.HEADERS_TOO_LARGE,
          "the headers are longer than %d bytes together".formatted(limits.headerBytes()));
    }
    return new Problem(
        ProblemType.BAD_REQUEST, "no HTTP/1.1 request: " + Problem.shorten(cause.toString()));
  }

  /** Ends the streams that would never end by themselves. */
  void endStreams() {
    streams.end();
  }

  /** Hears of the log's turns until the handle is closed. */
  AutoCloseable followTurns(MeasuredLog log) {
    AutoCloseable turns =
        log.onTurn(
            () -> {
              completions.endOfBurst();
              streams.committed();
            });
    return () -> {
      turns.close();
      completions.noMoreBursts();
    };
  }
}
