package dev.cairn.http;

import io.vertx.core.buffer.Buffer;

/**
 * What the agent's clients get, byte for byte. Refusals have no content type, and a refusal to
 * measure is a 200.
 *
 * @see "confidential-containers/guest-components, api-server-rest/src"
 */
enum CocoReply {
  /** The event is in log and register. */
  SUCCESS(200, true, "{\"success\":\"true\"}"),
  /** There is no such register here. */
  NOT_SUPPORTED(
      200,
      true,
      "{\"success\":\"false\",\"message\": \"The platform does not support runtime measurement\"}"),
  /** The configuration switched events off. */
  NOT_ENABLED(
      200,
      true,
      "{\"success\":\"false\",\"message\": \"Attestation Agent does not enable eventlog recording\"}"),
  /** A parameter is missing or malformed. */
  BAD_REQUEST(400, false, "BAD REQUEST"),
  /** Not from this machine. */
  FORBIDDEN(403, false, "Forbidden"),
  /** There is no such path, or not with this method. */
  URL_NOT_FOUND(404, false, "URL NOT FOUND"),
  /** Cairn has no resources to give out. */
  RESOURCE_NOT_ENABLED(404, false, "Resource Feature Not Enabled"),
  /** The path has one method only. */
  METHOD_NOT_ALLOWED(405, false, "Method Not Allowed"),
  /** Something failed; the reason is in Cairn's own log. */
  FAILED(500, false, "ttrpc request error");

  private final int status;
  private final boolean json;

  @SuppressWarnings("ImmutableEnumChecker") // sent, never written to
  private final Buffer body;

  CocoReply(int status, boolean json, String body) {
    this.status = status;
    this.json = json;
    this.body = Buffer.buffer(body);
  }

  void send(Exchange exchange) {
    send(exchange, status);
  }

  /** Sends the same body with another status, for clients that look at nothing else. */
  void send(Exchange exchange, int otherStatus) {
    if (json) {
      exchange.json(otherStatus, body);
    } else {
      exchange.bare(otherStatus, body);
    }
  }
}
