package dev.cairn.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /aa/token}: Cairn talks to no key broker, so the request goes to an agent that does,
 * or is refused. Event loop.
 */
final class CocoTokens {
  private static final Logger LOG = LoggerFactory.getLogger(CocoTokens.class);
  private static final int TIMEOUT_SECONDS = 60; // the agent gives its own broker 50
  private static final int MAX_BYTES = 8 << 20;

  private final @Nullable String upstream;
  private final @Nullable HttpClient client;

  /**
   * Makes one.
   *
   * @param upstream {@code http://HOST:PORT}; null: there are no tokens
   */
  CocoTokens(Vertx vertx, @Nullable String upstream) {
    this.upstream = upstream;
    this.client =
        upstream == null
            ? null
            : vertx.createHttpClient(
                new HttpClientOptions()
                    .setConnectTimeout((int) TimeUnit.SECONDS.toMillis(5))
                    .setIdleTimeout(TIMEOUT_SECONDS));
  }

  void get(Exchange exchange, CocoQuery query) {
    if (query.value("token_type").isEmpty()) {
      CocoReply.BAD_REQUEST.send(exchange);
    } else if (client == null || upstream == null) {
      refuse(exchange, "no agent is configured that gives tokens (coco.token-upstream)");
    } else {
      RequestOptions options =
          new RequestOptions()
              .setMethod(HttpMethod.GET)
              .setAbsoluteURI(upstream + exchange.request().uri());
      client
          .request(options)
          .compose(request -> request.send())
          .onSuccess(response -> forward(exchange, response))
          .onFailure(e -> refuse(exchange, upstream + ": " + e.getMessage()));
    }
  }

  private void forward(Exchange exchange, HttpClientResponse response) {
    Buffer body = Buffer.buffer();
    response.handler(
        chunk -> {
          if (body.length() + chunk.length() > MAX_BYTES) {
            response.request().reset();
            refuse(exchange, upstream + ": answers with more than " + MAX_BYTES + " bytes");
          } else {
            body.appendBuffer(chunk);
          }
        });
    response.exceptionHandler(e -> refuse(exchange, upstream + ": " + e.getMessage()));
    response.endHandler(
        end -> {
          String type = response.getHeader(HttpHeaders.CONTENT_TYPE);
          if (type == null) {
            exchange.bare(response.statusCode(), body);
          } else {
            exchange.send(response.statusCode(), type, body);
          }
        });
  }

  private static void refuse(Exchange exchange, String reason) {
    if (!exchange.finished()) {
      LOG.warn("/aa/token: {}", Problem.shorten(reason));
      CocoReply.FAILED.send(exchange);
    }
  }
}
