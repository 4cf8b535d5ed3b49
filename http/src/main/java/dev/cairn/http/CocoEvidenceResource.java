package dev.cairn.http;

import dev.cairn.coco.CocoEvidence;
import dev.cairn.coco.CocoLog;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.service.LogSnapshot;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.QuoteException;
import dev.cairn.service.QuotedLog;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /aa/evidence}: a quote, and exactly the log that replays to it, as the agent's clients
 * expect it. The quote is taken by the sequencer between two batches; a worker brings the encoded
 * log up to its position; the answer is sent piece by piece.
 */
final class CocoEvidenceResource {
  private static final Logger LOG = LoggerFactory.getLogger(CocoEvidenceResource.class);
  private static final CharSequence BINARY =
      HttpHeaders.createOptimized("application/octet-stream");

  private final CocoSettings settings;
  private final MeasuredLog log;
  private final CocoLog cocoLog;
  private final Optional<Bytes> bootLog;
  private final Completions completions;
  private final Executor workers;
  private final int limit;
  private final Metrics metrics;
  private int transfers;

  CocoEvidenceResource(
      CocoSettings settings,
      MeasuredLog log,
      CocoLog cocoLog,
      Optional<Bytes> bootLog,
      Completions completions,
      Executor workers,
      int limit,
      Metrics metrics) {
    this.metrics = metrics;
    this.limit = limit;
    this.settings = settings;
    this.log = log;
    this.cocoLog = cocoLog;
    this.bootLog = bootLog;
    this.completions = completions;
    this.workers = workers;
  }

  /** There is no second attester here: the agent answers with nothing then. */
  void additional(Exchange exchange, CocoQuery query) {
    if (query.runtimeData().isPresent()) {
      exchange.send(200, BINARY, Buffer.buffer());
    } else {
      CocoReply.BAD_REQUEST.send(exchange);
    }
  }

  void get(Exchange exchange, CocoQuery query) {
    Optional<Bytes> reportData = query.runtimeData();
    if (reportData.isEmpty()) {
      CocoReply.BAD_REQUEST.send(exchange);
      return;
    }
    QuoteRequest request;
    try {
      request = CocoEvidence.request(settings.platform(), reportData.get());
    } catch (IllegalArgumentException e) {
      refuse(exchange, e);
      return;
    }
    if (transfers >= limit) {
      refuse(exchange, new IllegalStateException(limit + " evidences are being sent; try again"));
      return;
    }
    transfers++;
    var unused =
        log.quote(request)
            .whenComplete(
                (quoted, failure) -> {
                  if (quoted == null) {
                    completions.add(new Ready(exchange, null, failure));
                  } else {
                    assemble(exchange, reportData.get(), quoted);
                  }
                });
  }

  /** Sequencer's thread: only hands it on. */
  private void assemble(Exchange exchange, Bytes reportData, QuotedLog quoted) {
    try {
      workers.execute(() -> completions.add(open(exchange, reportData, quoted)));
    } catch (RejectedExecutionException e) {
      completions.add(new Ready(exchange, null, e));
    }
  }

  private Ready open(Exchange exchange, Bytes reportData, QuotedLog quoted) {
    try (LogSnapshot snapshot = log.snapshot()) {
      CocoEvidence evidence =
          CocoEvidence.of(
              settings.platform(),
              reportData,
              withGivenParts(quoted.quote()),
              cocoLog.upTo(snapshot, quoted.position()));
      return new Ready(exchange, evidence, null);
    } catch (IOException | RuntimeException e) {
      return new Ready(exchange, null, e);
    }
  }

  /** With what no TPM has: the processor's certificate, and the log that firmware left. */
  private Quote withGivenParts(Quote quote) {
    Map<String, Bytes> parts = new HashMap<>(quote.parts());
    settings.vcek().ifPresent(certificate -> parts.put(CocoEvidence.VCEK, certificate));
    bootLog.ifPresent(firmware -> parts.put(CocoEvidence.BOOT_LOG, firmware));
    return Quote.of(quote.type(), parts, quote.values());
  }

  private static void refuse(Exchange exchange, @Nullable Throwable reason) {
    if (exchange.finished()) {
      return; // nobody is there to hear it
    }
    LOG.warn(
        "{}: no evidence: {}",
        exchange.request().path(),
        reason == null ? null : reason.getMessage());
    CocoReply.FAILED.send(exchange);
  }

  /** An evidence on its way to the event loop. */
  private final class Ready extends Completions.Completion {
    private final Exchange exchange;
    private final @Nullable CocoEvidence evidence;
    private final @Nullable Throwable failure;

    Ready(Exchange exchange, @Nullable CocoEvidence evidence, @Nullable Throwable failure) {
      this.exchange = exchange;
      this.evidence = evidence;
      this.failure = failure;
    }

    @Override
    void run() {
      if (evidence != null) {
        metrics.quoteTaken(System.nanoTime() - exchange.startNanos());
      } else if (failure instanceof QuoteException refusal) {
        metrics.quoteRefused(refusal.reason());
      }
      if (exchange.finished() || evidence == null) {
        transfers--;
        refuse(exchange, failure);
        return;
      }
      exchange
          .response()
          .putHeader(HttpHeaders.CONTENT_TYPE, BINARY)
          .putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(evidence.length()));
      StreamChunks chunks = new StreamChunks(evidence.open());
      Runnable afterwards =
          () -> {
            transfers--;
            chunks.closeQuietly();
          };
      new Pump(exchange, chunks, completions, workers, afterwards).start(null);
    }
  }
}
