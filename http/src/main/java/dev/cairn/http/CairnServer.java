package dev.cairn.http;

import dev.cairn.service.MeasuredLog;
import dev.cairn.service.RegisterStatus;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP service over one measured log: all listeners, one event loop, a few workers that read
 * the log's files. Any thread, but not the event loop.
 */
public final class CairnServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CairnServer.class);
  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(5);
  private static final int WORKERS = 2;
  private static final int ACCEPT_BACKLOG = 1024;

  private final Vertx vertx;
  private final Context context;
  private final ThreadPoolExecutor workers;
  private final Readiness readiness;
  private final Service service;
  private final AutoCloseable turns;
  private final @Nullable Coco coco;
  private final AtomicBoolean shutDown = new AtomicBoolean();
  private final List<HttpServer> servers = new ArrayList<>();
  private final List<ListenAddress> addresses = new ArrayList<>();

  private CairnServer(HttpSettings settings, MeasuredLog log, @Nullable Coco coco) {
    this.vertx = vertx();
    this.context = vertx.getOrCreateContext();
    this.workers = workers(settings.limits());
    this.readiness = new Readiness();
    this.service = new Service(settings, log, coco, context, workers, readiness);
    this.coco = coco;
    this.turns = service.followTurns(log);
  }

  /**
   * Listens, and answers one request to itself so that the first client does not pay for the
   * loading of classes; is ready when it returns.
   *
   * @throws IOException naming the listener and the reason if one cannot be had: in use, not
   *     permitted, or not loopback without TLS; then nothing listens
   */
  public static CairnServer start(HttpSettings settings, MeasuredLog log) throws IOException {
    if (settings.listeners().isEmpty()) {
      throw new IOException("no listener: give an address such as 127.0.0.1:8006 or unix:PATH");
    }
    for (ListenAddress address : settings.listeners()) {
      if (address instanceof ListenAddress.Tcp tcp && !tcp.isLoopback()) {
        throw new IOException(
            "listen %s: is not loopback and there is no TLS: listen on 127.0.0.1 or a UNIX socket"
                .formatted(tcp));
      }
    }
    CairnServer server = new CairnServer(settings, log, coco(settings, log));
    try {
      for (ListenAddress address : settings.listeners()) {
        server.listen(address, settings);
      }
      server.warmUp(log);
      server.readiness.serving();
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static @Nullable Coco coco(HttpSettings settings, MeasuredLog log) throws IOException {
    return settings.coco().isEmpty()
        ? null
        : Coco.open(
            settings.coco().get(),
            log,
            await(
                Future.fromCompletionStage(log.registers()),
                START_TIMEOUT,
                "first read of registers"));
  }

  private static Vertx vertx() {
    Transport transport = Transport.EPOLL.available() ? Transport.EPOLL : Transport.NIO;
    return Vertx.builder()
        .with(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)))
        .withTransport(transport)
        .build();
  }

  private static ThreadPoolExecutor workers(HttpLimits limits) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            WORKERS,
            WORKERS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(limits.logTransfers() + limits.eventStreams() + 64),
            task -> {
              Thread thread = new Thread(task, "cairn-http-worker");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private void listen(ListenAddress address, HttpSettings settings) throws IOException {
    HttpServer server =
        vertx
            .createHttpServer(options(settings.limits()))
            .connectionHandler(service::opened)
            .requestHandler(service::request)
            .invalidRequestHandler(service::invalidRequest);
    if (address instanceof ListenAddress.Unix unix) {
      UnixSocket socket = new UnixSocket(unix.path());
      socket.makeWay();
      bind(server, SocketAddress.domainSocketAddress(unix.path().toString()), address);
      socket.open(settings.socketGroup());
      addresses.add(unix);
    } else if (address instanceof ListenAddress.Tcp tcp) {
      bind(server, SocketAddress.inetSocketAddress(tcp.port(), tcp.host()), address);
      addresses.add(new ListenAddress.Tcp(tcp.host(), server.actualPort()));
    }
  }

  private static HttpServerOptions options(HttpLimits limits) {
    return new HttpServerOptions()
        .setHttp2ClearTextEnabled(false)
        .setMaxInitialLineLength(limits.requestLineBytes())
        .setMaxHeaderSize(limits.headerBytes())
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setIdleTimeout(Math.toIntExact(limits.idleTimeout().toMillis()))
        .setAcceptBacklog(ACCEPT_BACKLOG)
        .setTcpNoDelay(true)
        .setStrictThreadMode(true);
  }

  private void bind(HttpServer server, SocketAddress where, ListenAddress address)
      throws IOException {
    Future<HttpServer> listening =
        Future.future(
            promise -> context.runOnContext(go -> server.listen(where).onComplete(promise)));
    await(listening, START_TIMEOUT, "listen " + address);
    servers.add(server);
  }

  private static <T> T await(Future<T> future, Duration timeout, String what) throws IOException {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(what + ": " + cause.getMessage(), cause);
    } catch (TimeoutException e) {
      throw new IOException(what + ": not done within " + timeout, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(what + ": interrupted", e);
    }
  }

  private void warmUp(MeasuredLog log) throws IOException {
    List<RegisterStatus> registers =
        await(
            Future.fromCompletionStage(log.registers()), START_TIMEOUT, "first read of registers");
    for (RegisterStatus status : registers) {
      if (status.descriptor().notExtendable().isEmpty()) {
        WarmUp.run(addresses.get(0), status.descriptor().id().name());
        return;
      }
    }
  }

  /** Returns where it listens, in the order of the settings, with the ports that were chosen. */
  public List<ListenAddress> addresses() {
    return List.copyOf(addresses);
  }

  /**
   * Ends the service without losing an answer: refuses new events, stops listening, lets requests
   * in flight finish, and closes what is left after {@code grace}. The measured log stays open.
   * Idempotent.
   */
  public void shutdown(Duration grace) {
    if (!shutDown.compareAndSet(false, true)) {
      return;
    }
    readiness.shuttingDown();
    try {
      await(onContext(service::endStreams), grace.plus(CLOSE_GRACE), "end of event streams");
      List<Future<Void>> ends = new ArrayList<>();
      for (HttpServer server : servers) {
        ends.add(server.shutdown(grace.toMillis(), TimeUnit.MILLISECONDS));
      }
      await(Future.join(ends), grace.plus(CLOSE_GRACE), "shutdown");
      servers.clear();
      turns.close(); // only now: events in flight are answered at the end of a turn
      workers.shutdown();
      await(vertx.close(), CLOSE_GRACE, "end of the event loop");
      if (coco != null) {
        coco.close();
      }
    } catch (Exception e) {
      LOG.warn("the server did not end in order", e);
      workers.shutdownNow();
    }
  }

  private Future<Void> onContext(Runnable action) {
    return Future.future(
        promise ->
            context.runOnContext(
                go -> {
                  action.run();
                  promise.complete();
                }));
  }

  /** Shuts down with a short grace. */
  @Override
  public void close() {
    shutdown(CLOSE_GRACE);
  }
}
