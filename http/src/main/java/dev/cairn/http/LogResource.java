package dev.cairn.http;

import dev.cairn.service.LogSlice;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.ServiceStatus;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /v1/log}: the committed log. As CEL-TLV it goes from the file to the socket without
 * passing through here; every other form is made piece by piece, as fast as the client reads.
 */
final class LogResource {
  private static final Logger LOG = LoggerFactory.getLogger(LogResource.class);

  private static final CharSequence EPOCH = HttpHeaders.createOptimized("cairn-epoch");
  private static final CharSequence FIRST = HttpHeaders.createOptimized("cairn-first-position");
  private static final CharSequence END = HttpHeaders.createOptimized("cairn-end-position");
  private static final CharSequence VALUE_BEFORE =
      HttpHeaders.createOptimized("cairn-value-before");
  private static final CharSequence REVALIDATE = HttpHeaders.createOptimized("no-cache");

  private final MeasuredLog log;
  private final Completions completions;
  private final Executor workers;
  private final int limit;
  private int transfers;

  LogResource(MeasuredLog log, Completions completions, Executor workers, HttpLimits limits) {
    this.log = log;
    this.completions = completions;
    this.workers = workers;
    this.limit = limits.logTransfers();
  }

  int transfers() {
    return transfers;
  }

  void get(Exchange exchange) throws ProblemException {
    HttpServerRequest request = exchange.request();
    LogQuery query = LogQuery.of(request);
    ServiceStatus status = log.status();
    String tag = query.entityTag(status.epoch(), status.committedPosition());
    if (EntityTags.noneMatchNames(request.getHeader(HttpHeaders.IF_NONE_MATCH), tag)) {
      validators(exchange, tag, status.epoch(), query.endPosition(status.committedPosition()));
      exchange.empty(304);
      return;
    }
    if (transfers >= limit) {
      throw new ProblemException(
          ProblemType.TOO_MANY_STREAMS, "%d logs are being sent; try again".formatted(limit));
    }
    transfers++;
    try {
      workers.execute(() -> completions.add(open(exchange, query)));
    } catch (RejectedExecutionException e) {
      transfers--;
      throw new ProblemException(
          ProblemType.TOO_MANY_STREAMS, "too many requests wait for the log; try again");
    }
  }

  private Opened open(Exchange exchange, LogQuery query) {
    try {
      HttpServerRequest request = exchange.request();
      String range = request.getHeader(HttpHeaderNames.RANGE);
      String ifRange = request.getHeader(HttpHeaderNames.IF_RANGE);
      LogAnswer answer = LogAnswer.open(log, query, range);
      String tag = query.entityTag(answer.snapshot.epoch(), answer.snapshot.endPosition());
      if (range != null && !EntityTags.rangeApplies(ifRange, tag)) {
        answer.close();
        answer = LogAnswer.open(log, query, null);
        tag = query.entityTag(answer.snapshot.epoch(), answer.snapshot.endPosition());
      }
      return new Opened(exchange, query, answer, tag, null);
    } catch (IOException e) {
      LOG.error("the log cannot be read", e);
      return new Opened(
          exchange,
          query,
          null,
          "",
          new ProblemException(ProblemType.LOG_UNREADABLE, String.valueOf(e.getMessage())));
    } catch (ProblemException | RuntimeException e) {
      return new Opened(exchange, query, null, "", e);
    }
  }

  /** An opened log on its way to the event loop. */
  private final class Opened extends Completions.Completion {
    private final Exchange exchange;
    private final LogQuery query;
    private final @Nullable LogAnswer answer;
    private final String tag;
    private final @Nullable Exception failure;

    Opened(
        Exchange exchange,
        LogQuery query,
        @Nullable LogAnswer answer,
        String tag,
        @Nullable Exception failure) {
      this.exchange = exchange;
      this.query = query;
      this.answer = answer;
      this.tag = tag;
      this.failure = failure;
    }

    @Override
    void run() {
      if (answer == null) {
        transfers--;
        exchange.fail(failure == null ? new IllegalStateException("no answer") : failure);
      } else if (exchange.finished()) {
        done(answer);
      } else {
        respond(exchange, query, answer, tag);
      }
    }
  }

  private static void validators(Exchange exchange, String tag, String epoch, long end) {
    HttpServerResponse response = exchange.response();
    response.putHeader(HttpHeaders.ETAG, tag);
    response.putHeader(HttpHeaders.CACHE_CONTROL, REVALIDATE);
    response.putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    response.putHeader(EPOCH, epoch);
    response.putHeader(END, Long.toString(end));
  }

  private void respond(Exchange exchange, LogQuery query, LogAnswer answer, String tag) {
    long end = query.endPosition(answer.snapshot.endPosition());
    validators(exchange, tag, answer.snapshot.epoch(), end);
    HttpServerResponse response = exchange.response();
    if (query.isPlain()) {
      response.putHeader(HttpHeaders.ACCEPT_RANGES, HttpHeaderValues.BYTES);
    }
    if (answer.range.unsatisfiable()) {
      response.putHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + answer.length);
      exchange.problem(
          Problem.of(
              ProblemType.RANGE_NOT_SATISFIABLE,
              "range",
              String.valueOf(exchange.request().getHeader(HttpHeaderNames.RANGE)),
              "a first byte before " + answer.length));
      done(answer);
      return;
    }
    response.putHeader(HttpHeaders.CONTENT_TYPE, query.offer().mediaType());
    answer.range.range().ifPresent(range -> partial(response, range, answer.length));
    if (answer.range.range().isEmpty()) {
      response.putHeader(FIRST, Long.toString(answer.firstPosition));
    }
    if (answer.valuesBefore != null) {
      response.putHeader(VALUE_BEFORE, answer.valuesBefore);
    }
    if (query.isPlain()) {
      long length = answer.range.range().map(ByteRange::length).orElse(answer.length);
      sendPlain(exchange, answer, length);
    } else {
      sendWritten(exchange, answer);
    }
  }

  private static void partial(HttpServerResponse response, ByteRange range, long total) {
    response.setStatusCode(206);
    response.putHeader(HttpHeaders.CONTENT_RANGE, range.contentRange(total));
  }

  private void sendPlain(Exchange exchange, LogAnswer answer, long length) {
    HttpServerResponse response = exchange.response();
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
    if (exchange.isHead() || length == 0) {
      response.end();
      exchange.finish();
      done(answer);
    } else if (answer.slices.size() == 1) {
      LogSlice slice = answer.slices.get(0);
      response
          .sendFile(slice.channel(), slice.offset(), slice.length())
          .onComplete(
              sent -> {
                if (sent.succeeded()) {
                  exchange.finish();
                }
                done(answer);
              });
    } else {
      pump(exchange, answer);
    }
  }

  private void sendWritten(Exchange exchange, LogAnswer answer) {
    if (exchange.isHead()) {
      exchange.response().end();
      exchange.finish();
      done(answer);
    } else {
      exchange.response().setChunked(true);
      pump(exchange, answer);
    }
  }

  private void pump(Exchange exchange, LogAnswer answer) {
    if (answer.chunks == null) {
      throw new IllegalStateException("nothing to send piece by piece");
    }
    new Pump(exchange, answer.chunks, completions, workers, () -> done(answer))
        .start(answer.firstChunk);
  }

  /** Gives a transfer's place and files back. */
  private void done(LogAnswer answer) {
    transfers--;
    try {
      answer.close();
    } catch (IOException e) {
      LOG.warn("the log's files could not be closed", e);
    }
  }
}
