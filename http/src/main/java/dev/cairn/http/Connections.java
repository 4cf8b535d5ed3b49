package dev.cairn.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All open connections: how many there may be, and which have to go. Vert.x closes a connection on
 * which nothing moves; a client that sends a byte now and then is found here. Event loop only.
 *
 * <pre>
 * a connection                                       is closed
 * beyond the limit                                   after a 503, or 2 s later
 * far beyond the limit (5/4 and 64 more)             at once
 * without a whole request head since the last answer after the idle timeout
 * whose request has not wholly arrived               after the request timeout, with a 408
 * whose request was refused before it had arrived    2 s after the answer, so that it is read
 * </pre>
 */
final class Connections {
  private static final long LINGER_NANOS = 2_000_000_000L;

  private final HttpLimits limits;
  private final Metrics metrics;
  private final int hardLimit;
  private final IdentityHashMap<HttpConnection, Connection> open = new IdentityHashMap<>();
  private int bodyBytes;
  private long accepted;
  private long refused;

  Connections(HttpLimits limits, Metrics metrics) {
    this.limits = limits;
    this.metrics = metrics;
    this.hardLimit = limits.connections() + limits.connections() / 4 + 64;
  }

  HttpLimits limits() {
    return limits;
  }

  int size() {
    return open.size();
  }

  long accepted() {
    return accepted;
  }

  long refused() {
    return refused;
  }

  int bodyBytes() {
    return bodyBytes;
  }

  /** Returns whether {@code length} more bytes of bodies may be kept, and notes them if so. */
  boolean reserveBody(int length) {
    if (length > limits.allBodiesBytes() - bodyBytes) {
      return false;
    }
    bodyBytes += length;
    return true;
  }

  void releaseBody(int length) {
    bodyBytes -= length;
  }

  /** Takes a new connection in. */
  void opened(HttpConnection connection) {
    accepted++;
    if (open.size() >= hardLimit) {
      refused++;
      connection.close();
      return;
    }
    Connection entry = new Connection(connection, open.size() >= limits.connections());
    open.put(connection, entry);
    connection.closeHandler(closed -> entry.closed());
    connection.exceptionHandler(Connections::ignore);
    if (entry.beyondLimit) {
      refused++;
      entry.closeSoon();
    }
  }

  /** A connection that breaks is closed by Vert.x, and that is all there is to do. */
  private static void ignore(Throwable broken) {}

  /** Begins the handling of {@code request}; answers itself beyond the limit. */
  @Nullable Exchange begin(HttpServerRequest request) {
    Connection connection = open.get(request.connection());
    if (connection == null) {
      return null; // it was closed meanwhile
    }
    Exchange exchange = new Exchange(request, connection, metrics);
    connection.current = exchange;
    if (connection.beyondLimit) {
      exchange.problemAndClose(
          new Problem(
              ProblemType.TOO_MANY_CONNECTIONS,
              "%d connections are open; try again".formatted(limits.connections())));
      return null;
    }
    return exchange;
  }

  /** Closes what has to go. */
  void sweep(long nowNanos) {
    for (Connection connection : new ArrayList<>(open.values())) {
      connection.sweep(nowNanos);
    }
  }

  /** Returns how often to sweep: often enough for the shortest timeout. */
  long sweepMillis() {
    long shortest = Math.min(limits.requestTimeout().toMillis(), limits.idleTimeout().toMillis());
    return Math.max(10, Math.min(1000, shortest / 4));
  }

  /** Calls {@code action} with every request that is not yet answered. */
  void forEachOpenExchange(Handler<Exchange> action) {
    for (Connection connection : new ArrayList<>(open.values())) {
      if (connection.current != null) {
        action.handle(connection.current);
      }
    }
  }

  /** One connection. */
  final class Connection {
    private final HttpConnection http;
    private final boolean beyondLimit;
    private @Nullable Exchange current;
    private long quietSinceNanos = System.nanoTime();
    private long closeAtNanos = Long.MAX_VALUE;

    private Connection(HttpConnection http, boolean beyondLimit) {
      this.http = http;
      this.beyondLimit = beyondLimit;
    }

    Connections server() {
      return Connections.this;
    }

    /** The answer is out; the next request may come. */
    void finished() {
      current = null;
      quietSinceNanos = System.nanoTime();
    }

    void close() {
      http.close();
    }

    /** Closes a little later: closing with bytes unread would take the answer from the client. */
    void closeSoon() {
      closeAtNanos = System.nanoTime() + LINGER_NANOS;
    }

    private void closed() {
      open.remove(http);
      Exchange exchange = current;
      current = null;
      if (exchange != null) {
        exchange.gone();
      }
    }

    private void sweep(long now) {
      Exchange exchange = current;
      if (closeAtNanos != Long.MAX_VALUE) {
        if (now - closeAtNanos >= 0) {
          close();
        }
      } else if (exchange == null) {
        if (now - quietSinceNanos > limits.idleTimeout().toNanos()) {
          close();
        }
      } else if (exchange.receiving()
          && now - exchange.startNanos() > limits.requestTimeout().toNanos()) {
        exchange.problemAndClose(
            new Problem(
                ProblemType.REQUEST_TIMEOUT,
                "the body did not arrive within %d ms"
                    .formatted(limits.requestTimeout().toMillis())));
      }
    }
  }
}
