package dev.cairn.http;

import dev.cairn.evidence.EvidenceHead;
import dev.cairn.evidence.EvidenceWriter;
import dev.cairn.evidence.LogPart;
import dev.cairn.measure.ForeignLog;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.QuoteException;
import dev.cairn.service.QuotedLog;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /v1/evidence}: a quote and exactly the log that replays to it. The sequencer takes the
 * quote between two batches, a worker opens what belongs to it, and the answer is made piece by
 * piece as fast as the client reads: memory does not depend on the log.
 */
final class EvidenceResource {
  private static final Logger LOG = LoggerFactory.getLogger(EvidenceResource.class);
  private static final CharSequence EPOCH = HttpHeaders.createOptimized("cairn-epoch");
  private static final CharSequence END = HttpHeaders.createOptimized("cairn-end-position");

  private final MeasuredLog log;
  private final ForeignLogs foreignLogs;
  private final Completions completions;
  private final Executor workers;
  private final Metrics metrics;
  private final int limit;
  private int transfers;

  EvidenceResource(
      MeasuredLog log,
      ForeignLogs foreignLogs,
      Completions completions,
      Executor workers,
      Metrics metrics,
      HttpLimits limits) {
    this.log = log;
    this.foreignLogs = foreignLogs;
    this.completions = completions;
    this.workers = workers;
    this.metrics = metrics;
    this.limit = limits.logTransfers();
  }

  int transfers() {
    return transfers;
  }

  void get(Exchange exchange) throws ProblemException {
    EvidenceQuery query =
        EvidenceQuery.of(exchange.request().query(), log.status().states().keySet());
    if (transfers >= limit) {
      throw new ProblemException(
          ProblemType.TOO_MANY_STREAMS, "%d evidences are being sent; try again".formatted(limit));
    }
    transfers++;
    var unused =
        log.quote(query.request())
            .whenComplete(
                (quoted, failure) -> {
                  if (quoted == null) {
                    completions.add(new Assembled(exchange, null, null, failure));
                  } else {
                    assemble(exchange, query, quoted);
                  }
                });
  }

  /** Sequencer's thread: only hands it on. */
  private void assemble(Exchange exchange, EvidenceQuery query, QuotedLog quoted) {
    try {
      workers.execute(() -> completions.add(open(exchange, query, quoted)));
    } catch (RejectedExecutionException e) {
      completions.add(
          new Assembled(
              exchange,
              quoted,
              null,
              new ProblemException(
                  ProblemType.TOO_MANY_STREAMS, "too many requests wait for the log; try again")));
    }
  }

  private Assembled open(Exchange exchange, EvidenceQuery query, QuotedLog quoted) {
    try {
      return new Assembled(exchange, quoted, document(query, quoted), null);
    } catch (IOException e) {
      LOG.error("evidence cannot be assembled", e);
      return new Assembled(
          exchange,
          quoted,
          null,
          new ProblemException(ProblemType.LOG_UNREADABLE, String.valueOf(e.getMessage())));
    } catch (ProblemException | RuntimeException e) {
      return new Assembled(exchange, quoted, null, e);
    }
  }

  /** Opens all files before the first byte is sent: until then an error can be an answer. */
  private InputStream document(EvidenceQuery query, QuotedLog quoted)
      throws IOException, ProblemException {
    List<InputStream> opened = new ArrayList<>();
    try {
      List<LogPart.Foreign> foreign = new ArrayList<>();
      if (query.firmwareLog()) {
        ForeignLogs.Opened firmware = foreignLogs.open(ForeignLog.Origin.FIRMWARE);
        opened.add(firmware.data());
        foreign.add(
            new LogPart.Foreign(
                firmware.log().origin(),
                Json.wellFormed(firmware.log().location()),
                firmware.log().format(),
                firmware.data()));
      }
      Optional<InputStream> records = Optional.empty();
      if (query.log()) {
        records = Optional.of(SliceStream.open(log.snapshot(), quoted.offset()));
        opened.add(records.get());
      }
      return EvidenceWriter.stream(
          new EvidenceHead(
              quoted.epoch(), query.request().nonce(), quoted.quote(), quoted.explained()),
          foreign,
          new LogPart.Committed(quoted.position(), quoted.offset(), records));
    } catch (IOException | ProblemException | RuntimeException e) {
      for (InputStream in : opened) {
        new StreamChunks(in).closeQuietly();
      }
      throw e;
    }
  }

  /** Evidence on its way to the event loop. */
  private final class Assembled extends Completions.Completion {
    private final Exchange exchange;
    private final @Nullable QuotedLog quoted;
    private final @Nullable InputStream document;
    private final @Nullable Throwable failure;

    Assembled(
        Exchange exchange,
        @Nullable QuotedLog quoted,
        @Nullable InputStream document,
        @Nullable Throwable failure) {
      this.exchange = exchange;
      this.quoted = quoted;
      this.document = document;
      this.failure = failure;
    }

    @Override
    void run() {
      if (quoted != null) {
        metrics.quoteTaken(System.nanoTime() - exchange.startNanos());
      } else if (failure instanceof QuoteException refusal) {
        metrics.quoteRefused(refusal.reason());
      }
      if (document == null || quoted == null) {
        transfers--;
        exchange.fail(failure == null ? new IllegalStateException("no evidence") : failure);
        return;
      }
      StreamChunks chunks = new StreamChunks(document);
      Runnable done =
          () -> {
            transfers--;
            chunks.closeQuietly();
          };
      if (exchange.finished()) {
        done.run();
        return;
      }
      HttpServerResponse response = exchange.response();
      response.putHeader(HttpHeaders.CONTENT_TYPE, Json.MEDIA_TYPE);
      response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
      response.putHeader(EPOCH, quoted.epoch());
      response.putHeader(END, Long.toString(quoted.position()));
      Pump.send(exchange, chunks, completions, workers, done);
    }
  }
}
