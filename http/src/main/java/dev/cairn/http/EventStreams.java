package dev.cairn.http;

import dev.cairn.service.MeasuredLog;
import dev.cairn.service.ServiceStatus;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /v1/log/stream}: the log as it grows, as server-sent events. Event loop only, but for
 * the signal of a commit and the reading.
 *
 * <p>Clients that have caught up share one text, made once whatever their number. A client that is
 * behind reads for itself, as fast as it takes, until it has caught up. Nothing is kept for a
 * client but what is in its socket's queue: one that has caught up and whose queue is full is
 * dropped, and comes back with the id of the last event that it saw.
 */
final class EventStreams {
  private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);

  private static final CharSequence MEDIA_TYPE = HttpHeaders.createOptimized("text/event-stream");
  private static final CharSequence LAST_EVENT_ID = HttpHeaders.createOptimized("last-event-id");
  private static final Set<String> PARAMETERS = Set.of("from");

  /** Commits come up to thousands a second: whoever follows sees them some milliseconds later. */
  private static final long PAUSE_MILLIS = 5;

  private final MeasuredLog log;
  private final Context context;
  private final Completions completions;
  private final Executor workers;
  private final int limit;
  private final AtomicBoolean signalled = new AtomicBoolean();
  private final Set<Client> clients = new LinkedHashSet<>();

  /** Spares the event loop a wake-up per batch while nobody listens. Written by the event loop. */
  private volatile boolean followed;

  private long livePosition;
  private boolean reading;
  private long dropped;

  EventStreams(
      MeasuredLog log,
      Context context,
      Completions completions,
      Executor workers,
      HttpLimits limits) {
    this.log = log;
    this.context = context;
    this.completions = completions;
    this.workers = workers;
    this.limit = limits.eventStreams();
    context.owner().setPeriodic(limits.heartbeat().toMillis(), timer -> heartbeat());
  }

  int size() {
    return clients.size();
  }

  long dropped() {
    return dropped;
  }

  /** Says that something was committed. Any thread; short. */
  void committed() {
    if (followed && signalled.compareAndSet(false, true)) {
      context.runOnContext(
          go ->
              context
                  .owner()
                  .setTimer(
                      PAUSE_MILLIS,
                      timer -> {
                        signalled.set(false);
                        advance();
                      }));
    }
  }

  void get(Exchange exchange) throws ProblemException {
    followed = true; // before the position is read: no commit may be missed
    ServiceStatus status = log.status();
    long from = start(exchange, status);
    if (clients.size() >= limit) {
      throw new ProblemException(
          ProblemType.TOO_MANY_STREAMS, "%d clients follow the log; try again".formatted(limit));
    }
    HttpServerResponse response = exchange.response();
    response.putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE);
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.putHeader("cairn-epoch", status.epoch());
    response.putHeader("cairn-first-position", Long.toString(from));
    if (exchange.isHead()) {
      exchange.empty(200);
      return;
    }
    response.setChunked(true);
    response.write(Buffer.buffer(": " + status.epoch() + "\n\n"));
    Client client = new Client(exchange, from);
    clients.add(client);
    exchange.onGone(() -> clients.remove(client));
    client.proceed();
  }

  private static long start(Exchange exchange, ServiceStatus status) throws ProblemException {
    OptionalLong from = Parameters.parse(exchange.request().query(), PARAMETERS).number("from", 0);
    long end = status.committedPosition();
    String last = exchange.request().getHeader(LAST_EVENT_ID);
    long start = last == null ? from.orElse(end) : position(last) + 1;
    if (start > end) {
      throw new ProblemException(
          new Problem(
                  ProblemType.BEYOND_END,
                  "%d: epoch %s has %d records; after a reboot a log begins anew"
                      .formatted(start, status.epoch(), end))
              .with("observed", start)
              .with("end", end)
              .with("epoch", status.epoch()));
    }
    return start;
  }

  private static long position(String id) throws ProblemException {
    if (!id.isEmpty() && id.length() <= 18 && id.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Long.parseLong(id);
    }
    throw new ProblemException(
        Problem.of(
            ProblemType.INVALID_HEADER, "last-event-id", id, "the id of an event of this stream"));
  }

  /** Ends all streams in order: the clients may come back to whoever serves then. */
  void end() {
    for (Client client : new ArrayList<>(clients)) {
      clients.remove(client);
      client.exchange.response().end();
      client.exchange.finish();
    }
  }

  private void heartbeat() {
    for (Client client : new ArrayList<>(clients)) {
      if (client.live) {
        client.write(Buffer.buffer(": \n\n"));
      }
    }
  }

  /** Makes the next text for those who have caught up, if there is one. */
  private void advance() {
    followed = !clients.isEmpty();
    if (reading || !anybodyLive() || log.status().committedPosition() <= livePosition) {
      return;
    }
    long from = livePosition;
    reading = read(from, Long.MAX_VALUE, null);
  }

  private boolean anybodyLive() {
    for (Client client : clients) {
      if (client.live || client.ahead) {
        return true;
      }
    }
    return false;
  }

  /** Reads in a worker, for one client or for all who have caught up. */
  private boolean read(long from, long to, @Nullable Client client) {
    try {
      workers.execute(
          () -> {
            Texts made;
            try {
              made = new Texts(EventText.read(log, from, to), client);
            } catch (Exception e) {
              LOG.error("the log cannot be read at position {}", from, e);
              made = new Texts(null, client);
            }
            completions.add(made);
          });
      return true;
    } catch (RejectedExecutionException e) {
      LOG.warn("followers of the log are dropped: the workers are busy");
      drop(client);
      return false;
    }
  }

  private void drop(@Nullable Client only) {
    List<Client> out = only == null ? new ArrayList<>(clients) : List.of(only);
    for (Client client : out) {
      if (only != null || client.live) {
        client.drop();
      }
    }
  }

  /** Texts on their way to the event loop; null if the log could not be read. */
  private final class Texts extends Completions.Completion {
    private final @Nullable EventText text;
    private final @Nullable Client client;

    Texts(@Nullable EventText text, @Nullable Client client) {
      this.text = text;
      this.client = client;
    }

    @Override
    void run() {
      if (client == null) {
        reading = false;
      }
      if (text == null) {
        drop(client);
      } else if (client != null) {
        client.caughtUpTo(text);
      } else {
        livePosition = text.to();
        for (Client other : new ArrayList<>(clients)) {
          if (other.live) {
            other.position = text.to();
            other.write(text.text());
          } else if (other.ahead) {
            other.proceed();
          }
        }
        advance();
      }
    }
  }

  /** One that follows. */
  private final class Client {
    private final Exchange exchange;
    private long position;
    private boolean live; // has what all others have
    private boolean ahead; // wants to begin at a record that the others have not yet got

    Client(Exchange exchange, long position) {
      this.exchange = exchange;
      this.position = position;
    }

    /** Reads on for this client, or lets it join the others. */
    private void proceed() {
      if (exchange.finished()) {
        return;
      }
      ahead = false;
      if (!reading && !anybodyLive()) {
        livePosition = log.status().committedPosition();
      }
      if (position < livePosition) {
        read(position, livePosition, this);
      } else {
        live = position == livePosition;
        ahead = !live;
        advance();
      }
    }

    private void caughtUpTo(EventText text) {
      if (exchange.finished()) {
        return;
      }
      position = text.to();
      HttpServerResponse response = exchange.response();
      response.write(text.text());
      if (response.writeQueueFull()) {
        response.drainHandler(
            drained -> {
              response.drainHandler(null);
              proceed();
            });
      } else {
        proceed();
      }
    }

    private void write(Buffer events) {
      HttpServerResponse response = exchange.response();
      if (exchange.finished() || response.closed()) {
        return;
      }
      if (response.writeQueueFull()) {
        drop();
      } else {
        response.write(events);
      }
    }

    private void drop() {
      dropped++;
      clients.remove(this);
      exchange.abort();
    }
  }
}
