package dev.cairn.http;

import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.ExtendException;
import dev.cairn.service.ExtendRequest;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.Receipt;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP face of the agent of Confidential Containers: {@code /aa/…}, {@code /cdh/…} and {@code
 * /info}, for clients that know nothing of Cairn. Paths and methods are compared as the agent
 * compares them, before anything of the native API applies.
 */
final class CocoResource {
  private static final Logger LOG = LoggerFactory.getLogger(CocoResource.class);
  private static final int NOT_IMPLEMENTED = 501;
  private static final String ONCE = "coco-once-per-boot:";
  private static final CharSequence IDEMPOTENCY_KEY = "idempotency-key";

  private final CocoSettings settings;
  private final MeasuredLog log;
  private final Completions completions;
  private final Metrics metrics;
  private final CocoSizes sizes;
  private final CocoEvidenceResource evidence;
  private final CocoTokens tokens;
  private final Buffer info;

  CocoResource(
      Coco coco,
      MeasuredLog log,
      Completions completions,
      Executor workers,
      HttpLimits limits,
      Metrics metrics,
      CocoTokens tokens,
      String version) {
    this.settings = coco.settings();
    this.log = log;
    this.completions = completions;
    this.metrics = metrics;
    this.sizes = coco.sizes();
    this.evidence =
        new CocoEvidenceResource(
            settings,
            log,
            coco.log(),
            coco.bootLog(),
            completions,
            workers,
            limits.logTransfers(),
            metrics);
    this.tokens = tokens;
    this.info =
        Buffer.buffer(
            "{\"version\":\"Guest Components Version: cairn-%s\",\"tee\":\"%s\",\"feature\":\"attestation\"}"
                .formatted(version, settings.platform().tee()));
  }

  /** Returns whether {@code path} is the agent's. */
  static boolean has(@Nullable String path) {
    return path != null
        && (path.startsWith("/aa/") || path.startsWith("/cdh/") || path.equals("/info"));
  }

  /** Answers a request for a path of the agent's. */
  void answer(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    String path = String.valueOf(request.path());
    if (!isLocal(request.remoteAddress())) {
      CocoReply.FORBIDDEN.send(exchange);
    } else if (path.equals("/info")) {
      info(exchange);
    } else if (path.startsWith("/cdh/")) {
      CocoReply.RESOURCE_NOT_ENABLED.send(exchange);
    } else if (request.method().equals(HttpMethod.POST) && path.equals("/aa/aael")) {
      sizes.use();
      exchange.receiveBody(body -> extend(exchange, body));
    } else if (!request.method().equals(HttpMethod.GET)) {
      CocoReply.URL_NOT_FOUND.send(exchange);
    } else {
      switch (path) {
        case "/aa/evidence" -> {
          sizes.use();
          evidence.get(exchange, CocoQuery.parse(request.query()));
        }
        case "/aa/additional-evidence" ->
            evidence.additional(exchange, CocoQuery.parse(request.query()));
        case "/aa/token" -> tokens.get(exchange, CocoQuery.parse(request.query()));
        default -> CocoReply.URL_NOT_FOUND.send(exchange);
      }
    }
  }

  /** A UNIX socket is of this machine by nature. */
  private static boolean isLocal(@Nullable SocketAddress peer) {
    if (peer == null || peer.isDomainSocket()) {
      return true;
    }
    try {
      return InetAddress.getByName(peer.hostAddress()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // an address that is none is not this machine's
    }
  }

  private void info(Exchange exchange) {
    if (exchange.request().method().equals(HttpMethod.GET)) {
      exchange.json(200, info);
    } else {
      CocoReply.METHOD_NOT_ALLOWED.send(exchange);
    }
  }

  private void extend(Exchange exchange, byte[] bytes) {
    if (!settings.events()) {
      refuseSoftly(exchange, CocoReply.NOT_ENABLED);
      return;
    }
    CocoBody body;
    try {
      body = CocoBody.parse(bytes);
    } catch (CocoBody.IllegalBodyException e) {
      exchange.bare(
          500,
          Buffer.buffer(
              "Illegal AAEL eventry format: " + Json.wellFormed(String.valueOf(e.getMessage()))));
      return;
    }
    ExtendRequest request;
    try {
      request = request(exchange, body);
    } catch (IllegalArgumentException e) {
      refuse(exchange, "refused before anything was extended", e);
      return;
    }
    var unused =
        log.extend(request)
            .whenComplete(
                (receipt, failure) -> completions.add(new Extended(exchange, receipt, failure)));
  }

  private ExtendRequest request(Exchange exchange, CocoBody body) {
    RegisterId register =
        settings.platform().map().register(body.registerIndex().orElse(settings.pcr()));
    PcClientEvent event = settings.text().event(body.domain(), body.operation(), body.content());
    return new ExtendRequest(register, event, Optional.empty(), key(exchange, body));
  }

  private Optional<String> key(Exchange exchange, CocoBody body) {
    String name = body.domain() + " " + body.operation();
    if (settings.oncePerBoot().contains(name)) {
      return Optional.of(ONCE + name);
    }
    String given = exchange.request().getHeader(IDEMPOTENCY_KEY);
    if (given != null && given.startsWith(ONCE)) {
      throw new IllegalArgumentException(
          "idempotency-key: begins with '%s', which is Cairn's own: choose another"
              .formatted(ONCE));
    }
    return Optional.ofNullable(given);
  }

  private static void refuse(Exchange exchange, String what, Throwable reason) {
    LOG.warn("{}: {}: {}", exchange.request().path(), what, reason.getMessage());
    CocoReply.FAILED.send(exchange);
  }

  /** The agent answers so with 200, which some clients take for success. */
  private void refuseSoftly(Exchange exchange, CocoReply reply) {
    if (settings.strict()) {
      reply.send(exchange, NOT_IMPLEMENTED);
    } else {
      reply.send(exchange);
    }
  }

  /** An outcome on its way back to the event loop. */
  private final class Extended extends Completions.Completion {
    private final Exchange exchange;
    private final @Nullable Receipt receipt;
    private final @Nullable Throwable failure;

    Extended(Exchange exchange, @Nullable Receipt receipt, @Nullable Throwable failure) {
      this.exchange = exchange;
      this.receipt = receipt;
      this.failure = failure;
    }

    @Override
    void run() {
      if (receipt != null) {
        metrics.acknowledged(receipt.repeated(), System.nanoTime() - exchange.startNanos());
        if (!exchange.finished()) {
          CocoReply.SUCCESS.send(exchange);
        }
      } else if (failure instanceof ExtendException refusal
          && refusal.reason() == ExtendException.Reason.UNKNOWN_REGISTER) {
        LOG.warn("{}: {}", exchange.request().path(), refusal.getMessage());
        refuseSoftly(exchange, CocoReply.NOT_SUPPORTED);
      } else {
        refuse(
            exchange,
            "not acknowledged",
            failure == null ? new IllegalStateException("no outcome") : failure);
      }
    }
  }
}
