package dev.cairn.http;

import dev.cairn.measure.ForeignLog;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET /v1/firmware-log}: a log that others keep, byte for byte as it is there. */
final class ForeignLogResource {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignLogResource.class);
  private static final String ORIGIN = "origin";

  private final ForeignLogs logs;
  private final Completions completions;
  private final Executor workers;
  private final int limit;
  private int transfers;

  ForeignLogResource(
      ForeignLogs logs, Completions completions, Executor workers, HttpLimits limits) {
    this.logs = logs;
    this.completions = completions;
    this.workers = workers;
    this.limit = limits.logTransfers();
  }

  int transfers() {
    return transfers;
  }

  void get(Exchange exchange) throws ProblemException {
    Parameters parameters = Parameters.parse(exchange.request().query(), Set.of(ORIGIN));
    ForeignLog.Origin origin = ForeignLogs.origin(parameters.text(ORIGIN).orElse("firmware"));
    if (transfers >= limit) {
      throw new ProblemException(
          ProblemType.TOO_MANY_STREAMS, "%d logs are being sent; try again".formatted(limit));
    }
    transfers++;
    try {
      workers.execute(() -> completions.add(open(exchange, origin)));
    } catch (RejectedExecutionException e) {
      transfers--;
      throw new ProblemException(
          ProblemType.TOO_MANY_STREAMS, "too many requests wait for a log; try again");
    }
  }

  private Opened open(Exchange exchange, ForeignLog.Origin origin) {
    try {
      return new Opened(exchange, logs.open(origin), null);
    } catch (IOException e) {
      LOG.error("a log of others cannot be read", e);
      return new Opened(
          exchange,
          null,
          new ProblemException(ProblemType.LOG_UNREADABLE, String.valueOf(e.getMessage())));
    } catch (ProblemException | RuntimeException e) {
      return new Opened(exchange, null, e);
    }
  }

  /** An opened log on its way to the event loop. */
  private final class Opened extends Completions.Completion {
    private final Exchange exchange;
    private final ForeignLogs.@Nullable Opened opened;
    private final @Nullable Exception failure;

    Opened(Exchange exchange, ForeignLogs.@Nullable Opened opened, @Nullable Exception failure) {
      this.exchange = exchange;
      this.opened = opened;
      this.failure = failure;
    }

    @Override
    void run() {
      if (opened == null) {
        transfers--;
        exchange.fail(failure == null ? new IllegalStateException("no log") : failure);
        return;
      }
      StreamChunks chunks = new StreamChunks(opened.data());
      Runnable done =
          () -> {
            transfers--;
            chunks.closeQuietly();
          };
      if (exchange.finished()) {
        done.run();
        return;
      }
      String mediaType =
          LogMediaTypes.ofLabel(opened.log().format())
              .map(LogMediaTypes.Offer::mediaType)
              .orElse("application/octet-stream");
      exchange
          .response()
          .putHeader(HttpHeaders.CONTENT_TYPE, mediaType)
          .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
      Pump.send(exchange, chunks, completions, workers, done);
    }
  }
}
