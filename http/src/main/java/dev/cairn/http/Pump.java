package dev.cairn.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends an answer piece by piece: a worker makes one, the event loop writes it, and the next is
 * made once the client has taken enough. No thread waits for a client; one that stops reading is
 * closed by the idle timeout. Event loop only, but for the making.
 */
final class Pump {
  private static final Logger LOG = LoggerFactory.getLogger(Pump.class);

  private final Exchange exchange;
  private final ChunkSource source;
  private final Completions completions;
  private final Executor workers;
  private final Runnable afterwards;
  private boolean making;
  private boolean over;

  /**
   * Makes one.
   *
   * @param afterwards called once, when the answer is out or nobody wants it any more
   */
  Pump(
      Exchange exchange,
      ChunkSource source,
      Completions completions,
      Executor workers,
      Runnable afterwards) {
    this.exchange = exchange;
    this.source = source;
    this.completions = completions;
    this.workers = workers;
    this.afterwards = afterwards;
  }

  /** Sends an answer of unknown length whose headers are set; HEAD gets those alone. */
  static void send(
      Exchange exchange,
      ChunkSource source,
      Completions completions,
      Executor workers,
      Runnable afterwards) {
    if (exchange.isHead()) {
      exchange.response().end();
      exchange.finish();
      afterwards.run();
    } else {
      exchange.response().setChunked(true);
      new Pump(exchange, source, completions, workers, afterwards).start(null);
    }
  }

  /** Begins with {@code first}, which was made before; null if none was. */
  void start(@Nullable Buffer first) {
    exchange.onGone(this::clientGone);
    if (first == null) {
      make();
    } else {
      write(first);
    }
  }

  private void make() {
    making = true;
    try {
      workers.execute(() -> completions.add(next()));
    } catch (RejectedExecutionException e) {
      making = false;
      abort(e);
    }
  }

  private Made next() {
    try {
      return new Made(source.next(), null);
    } catch (Exception e) {
      return new Made(null, e);
    }
  }

  /** A piece on its way to the event loop. */
  private final class Made extends Completions.Completion {
    private final @Nullable Buffer piece;
    private final @Nullable Exception failure;

    Made(@Nullable Buffer piece, @Nullable Exception failure) {
      this.piece = piece;
      this.failure = failure;
    }

    @Override
    void run() {
      making = false;
      if (exchange.finished()) {
        end();
      } else if (failure != null) {
        abort(failure);
      } else if (piece == null) {
        exchange.response().end();
        exchange.finish();
        end();
      } else {
        write(piece);
      }
    }
  }

  private void write(Buffer piece) {
    HttpServerResponse response = exchange.response();
    if (piece.length() > 0) {
      response.write(piece);
    }
    if (response.writeQueueFull()) {
      response.drainHandler(
          drained -> {
            response.drainHandler(null);
            make();
          });
    } else {
      make();
    }
  }

  /** The answer cannot be completed and must not look complete. */
  private void abort(Exception failure) {
    LOG.error("an answer could not be sent to its end", failure);
    exchange.abort();
    end();
  }

  private void clientGone() {
    if (!making) {
      end();
    }
  }

  private void end() {
    if (!over) {
      over = true;
      afterwards.run();
    }
  }
}
