package dev.cairn.http;

import dev.cairn.service.ExtendException;
import dev.cairn.service.QuoteException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its one answer. Event loop only; work that others finish comes back to the event
 * loop before it touches this.
 */
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  private static final CharSequence JSON = HttpHeaders.createOptimized(Json.MEDIA_TYPE);
  private static final CharSequence PROBLEM = HttpHeaders.createOptimized(Problem.MEDIA_TYPE);
  private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("retry-after");
  private static final CharSequence RETRY_SECONDS =
      HttpHeaders.createOptimized(Integer.toString(Problem.RETRY_AFTER_SECONDS));

  private final HttpServerRequest request;
  private final Connections.Connection connection;
  private final Metrics metrics;
  private final long startNanos = System.nanoTime();

  private String segment = "";
  private @Nullable Body body;
  private @Nullable Runnable onGone;
  private boolean finished;

  Exchange(HttpServerRequest request, Connections.Connection connection, Metrics metrics) {
    this.request = request;
    this.connection = connection;
    this.metrics = metrics;
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return request.response();
  }

  boolean isHead() {
    return HttpMethod.HEAD.equals(request.method());
  }

  /** Returns the part of the path that stands for a name, still encoded; empty if there is none. */
  String segment() {
    return segment;
  }

  void segment(String value) {
    segment = value;
  }

  long startNanos() {
    return startNanos;
  }

  /** Returns whether the answer is out, or nobody is there to read it. */
  boolean finished() {
    return finished;
  }

  /** Sets what to do when the client goes before the answer is out. */
  void onGone(Runnable action) {
    onGone = action;
  }

  /** Reads the body and hands it on; answers itself where that is not possible. */
  void receiveBody(Body.Receiver receiver) {
    body = new Body(this, connection.server(), receiver);
    body.start();
  }

  /** Returns whether the request has not wholly arrived although the resource waits for it. */
  boolean receiving() {
    return body != null && !body.complete();
  }

  void json(int status, Buffer json) {
    send(status, JSON, json);
  }

  void json(int status, byte[] json) {
    send(status, JSON, Buffer.buffer(json));
  }

  void text(int status, CharSequence mediaType, String text) {
    send(status, mediaType, Buffer.buffer(text));
  }

  /** Answers with {@code content}, which HEAD leaves out. */
  void send(int status, CharSequence mediaType, Buffer content) {
    if (finished) {
      return;
    }
    HttpServerResponse response = response().setStatusCode(status);
    response.putHeader(HttpHeaders.CONTENT_TYPE, mediaType);
    if (isHead()) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(content.length()));
      response.end();
    } else {
      response.end(content);
    }
    finish();
  }

  /** Answers with {@code content} of no declared type, as the agent's refusals are. */
  void bare(int status, Buffer content) {
    if (!finished) {
      response().setStatusCode(status).end(content);
      finish();
    }
  }

  /** Answers without content. */
  void empty(int status) {
    if (!finished) {
      response().setStatusCode(status).end();
      finish();
    }
  }

  void problem(Problem problem) {
    if (finished) {
      return;
    }
    if (response().headWritten()) {
      connection.close(); // too late to say anything but that the answer is not whole
      return;
    }
    if (problem.type().passes()) {
      response().putHeader(RETRY_AFTER, RETRY_SECONDS);
    }
    metrics.problem(problem.type());
    send(problem.type().status(), PROBLEM, Buffer.buffer(problem.toJson()));
  }

  /** Answers with a problem and closes the connection once the client has had time to read it. */
  void problemAndClose(Problem problem) {
    if (!finished && !response().headWritten()) {
      response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    problem(problem);
    connection.closeSoon();
  }

  /** Answers with the problem that {@code failure} is; anything unforeseen is a defect. */
  void fail(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof ProblemException known) {
      problem(known.problem());
    } else if (cause instanceof ExtendException refusal) {
      problem(Problem.of(refusal));
    } else if (cause instanceof QuoteException refusal) {
      problem(new Problem(ProblemType.of(refusal.reason()), String.valueOf(refusal.getMessage())));
    } else {
      LOG.error("{} {}: unforeseen", request.method(), Problem.shorten(request.uri()), cause);
      problem(
          new Problem(
              ProblemType.INTERNAL_ERROR,
              "the request could not be handled; the service's log says why"));
    }
  }

  /** Closes the connection in the middle of the answer, so that it cannot be taken for whole. */
  void abort() {
    onGone = null;
    connection.close();
  }

  /** Says that the answer is out. */
  void finish() {
    if (!finished) {
      finished = true;
      onGone = null;
      metrics.answered(response().getStatusCode());
      release();
      connection.finished();
    }
  }

  /** Called when the client has gone. */
  void gone() {
    if (!finished) {
      finished = true;
      metrics.aborted();
      release();
      if (onGone != null) {
        onGone.run();
      }
    }
  }

  private void release() {
    if (body != null) {
      body.release();
    }
  }
}
