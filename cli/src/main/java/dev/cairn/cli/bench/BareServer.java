package dev.cairn.cli.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * The yardstick: Vert.x as Cairn uses it, a handler that parses the same body and answers 201 at
 * once with as many bytes as a receipt has. No log, no register, no queue.
 */
public final class BareServer {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Buffer RECEIPT = Buffer.buffer("{\"receipt\":\"" + "x".repeat(380) + "\"}");

  private BareServer() {}

  /** Serves on a free port of loopback until the process ends; returns the port. */
  public static int start() throws IOException {
    Vertx vertx =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventLoopPoolSize(1)
                    .setWorkerPoolSize(1)
                    .setInternalBlockingPoolSize(1)
                    .setFileSystemOptions(
                        new FileSystemOptions()
                            .setClassPathResolvingEnabled(false)
                            .setFileCachingEnabled(false)))
            .withTransport(Transport.EPOLL.available() ? Transport.EPOLL : Transport.NIO)
            .build();
    HttpServer server =
        vertx
            .createHttpServer(
                new HttpServerOptions().setHttp2ClearTextEnabled(false).setTcpNoDelay(true))
            .requestHandler(BareServer::answer);
    try {
      server
          .listen(0, "127.0.0.1")
          .toCompletionStage()
          .toCompletableFuture()
          .get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IOException("the bare server does not start", e);
    }
    return server.actualPort();
  }

  private static void answer(HttpServerRequest request) {
    request.bodyHandler(
        body ->
            request
                .response()
                .setStatusCode(parses(body) ? 201 : 400)
                .putHeader("content-type", "application/json")
                .end(RECEIPT));
  }

  private static boolean parses(Buffer body) {
    try (JsonParser parser = JSON.createParser(body.getBytes())) {
      int fields = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING && !parser.getText().isEmpty()) {
          fields++;
        }
      }
      return fields == 3;
    } catch (IOException e) {
      return false;
    }
  }
}
