package dev.cairn.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The body of one request while it arrives. Bounded by itself and, together with all others that
 * are not yet answered, by a budget: a thousand clients with a large body each must not fill the
 * memory. Nothing is sized by what a client announces.
 */
final class Body {
  /** Takes the whole body. */
  interface Receiver {
    void receive(byte[] body);
  }

  private final Exchange exchange;
  private final Connections server;
  private final Receiver receiver;

  private @Nullable Buffer received;
  private boolean own; // whether received was made here: what Netty gave is not appended to
  private int reserved;
  private boolean complete;

  Body(Exchange exchange, Connections server, Receiver receiver) {
    this.exchange = exchange;
    this.server = server;
    this.receiver = receiver;
  }

  void start() {
    var request = exchange.request();
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length != null && exceeds(length)) {
      refuse(tooLarge());
      return;
    }
    String expectation = request.getHeader(HttpHeaders.EXPECT);
    if (expectation != null && expectation.equalsIgnoreCase("100-continue")) {
      request.response().writeContinue();
    }
    request.handler(this::chunk);
    request.endHandler(end -> end());
  }

  private boolean exceeds(String announced) {
    // Netty has refused what is not a number; more than 10 digits are too many in any case
    return announced.length() > 10 || Long.parseLong(announced) > server.limits().bodyBytes();
  }

  private void chunk(Buffer chunk) {
    if (complete) {
      return; // refused: what still comes is thrown away until the connection is closed
    }
    if (reserved + (long) chunk.length() > server.limits().bodyBytes()) {
      refuse(tooLarge());
      return;
    }
    if (!server.reserveBody(chunk.length())) {
      refuse(
          new Problem(
              ProblemType.TOO_MANY_BODIES,
              "the bodies of all requests together are larger than allowed; try again"));
      return;
    }
    reserved += chunk.length();
    if (received == null) {
      received = chunk;
    } else if (own) {
      received.appendBuffer(chunk);
    } else {
      received = Buffer.buffer(2 * reserved).appendBuffer(received).appendBuffer(chunk);
      own = true;
    }
  }

  private void end() {
    if (!complete) {
      complete = true;
      byte[] body = received == null ? new byte[0] : received.getBytes();
      received = null;
      receiver.receive(body);
    }
  }

  private Problem tooLarge() {
    int limit = server.limits().bodyBytes();
    return new Problem(
            ProblemType.BODY_TOO_LARGE,
            "the body is larger than %d bytes; measure a digest of it instead".formatted(limit))
        .with("expected", "at most " + limit + " bytes");
  }

  private void refuse(Problem problem) {
    complete = true;
    received = null;
    exchange.problemAndClose(problem);
  }

  boolean complete() {
    return complete;
  }

  /** Gives the budget back. */
  void release() {
    server.releaseBody(reserved);
    reserved = 0;
  }
}
