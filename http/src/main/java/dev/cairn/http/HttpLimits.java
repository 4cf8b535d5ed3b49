package dev.cairn.http;

import java.time.Duration;

/**
 * What the server bears. Every limit is finite and has an answer of its own; how many events may
 * wait is the measured log's to say.
 *
 * @param bodyBytes of one request: else 413
 * @param allBodiesBytes of all requests that are not yet answered, together: else 503
 * @param headerBytes of one request, all headers together: else 431
 * @param requestLineBytes method, path, query and version: else 414
 * @param connections open at a time: else 503, and the connection is closed
 * @param logTransfers logs being sent at a time: else 503
 * @param eventStreams clients that follow the log at a time: else 503
 * @param requestTimeout from the first header to the last byte of the body: else 408, and the
 *     connection is closed
 * @param idleTimeout without a byte in either direction, or without a whole request: the connection
 *     is closed
 * @param heartbeat how often a quiet event stream sends a comment; shorter than {@code idleTimeout}
 */
public record HttpLimits(
    int bodyBytes,
    int allBodiesBytes,
    int headerBytes,
    int requestLineBytes,
    int connections,
    int logTransfers,
    int eventStreams,
    Duration requestTimeout,
    Duration idleTimeout,
    Duration heartbeat) {
  /** 1 MiB, 8 MiB, 8 KiB, 4 KiB; 1,024 connections, 64 and 64 streams; 30 s, 60 s, 15 s. */
  public static final HttpLimits DEFAULT =
      new HttpLimits(
          1 << 20,
          8 << 20,
          8192,
          4096,
          1024,
          64,
          64,
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          Duration.ofSeconds(15));

  /**
   * Checks that all are positive and that the heartbeat keeps a stream open.
   *
   * @throws IllegalArgumentException that names the limit and what it needs
   */
  public HttpLimits {
    positive("bodyBytes", bodyBytes);
    if (allBodiesBytes < bodyBytes) {
      throw new IllegalArgumentException(
          "allBodiesBytes: %d: needs bodyBytes, %d, or more".formatted(allBodiesBytes, bodyBytes));
    }
    positive("headerBytes", headerBytes);
    positive("requestLineBytes", requestLineBytes);
    positive("connections", connections);
    positive("logTransfers", logTransfers);
    positive("eventStreams", eventStreams);
    positive("requestTimeout", requestTimeout.toMillis());
    positive("idleTimeout", idleTimeout.toMillis());
    positive("heartbeat", heartbeat.toMillis());
    if (heartbeat.compareTo(idleTimeout) >= 0) {
      throw new IllegalArgumentException(
          "heartbeat: %s: needs less than idleTimeout, %s".formatted(heartbeat, idleTimeout));
    }
  }

  private static void positive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + ": " + value + ": needs 1 or more");
    }
  }
}
