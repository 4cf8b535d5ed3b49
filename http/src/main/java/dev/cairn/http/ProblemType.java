package dev.cairn.http;

import dev.cairn.service.ExtendException;
import dev.cairn.service.QuoteException;

/**
 * Every kind of problem that the API answers with, and its status. The code is the last part of the
 * {@code type} member and never changes its meaning.
 *
 * @see "RFC 9457, 3.1.1 type; the table in openapi.yaml"
 */
enum ProblemType {
  BAD_REQUEST(400, "bad-request", "The request is not HTTP"),
  INVALID_PARAMETER(400, "invalid-parameter", "A parameter is not usable"),
  INVALID_HEADER(400, "invalid-header", "A header is not usable"),
  MALFORMED_BODY(400, "malformed-body", "The body is not the JSON that is needed"),
  INVALID_FIELD(400, "invalid-field", "A field of the body is not usable"),
  BEYOND_END(400, "beyond-end", "The log ends before that record"),
  NOT_EXTENDABLE(403, "register-not-extendable", "The register cannot be extended from here"),
  NOT_FOUND(404, "not-found", "There is nothing at this path"),
  UNKNOWN_REGISTER(404, "unknown-register", "The backend has no such register"),
  NO_FOREIGN_LOG(404, "no-foreign-log", "Nobody else keeps such a log here"),
  METHOD_NOT_ALLOWED(405, "method-not-allowed", "The resource has no such method"),
  NOT_ACCEPTABLE(406, "not-acceptable", "None of the accepted media types can be served"),
  REQUEST_TIMEOUT(408, "request-timeout", "The request did not arrive in time"),
  REGISTER_DIVERGED(409, "register-diverged", "The register holds a value that no log explains"),
  BODY_TOO_LARGE(413, "body-too-large", "The body is larger than allowed"),
  REQUEST_LINE_TOO_LONG(414, "request-line-too-long", "The request line is longer than allowed"),
  UNSUPPORTED_MEDIA_TYPE(415, "unsupported-media-type", "The body is not application/json"),
  RANGE_NOT_SATISFIABLE(416, "range-not-satisfiable", "The range begins after the last byte"),
  WRONG_BANKS(422, "wrong-banks", "The digests are not those of the register's banks"),
  BAD_EVENT(422, "bad-event", "The event cannot be measured"),
  KEY_REUSED(422, "idempotency-key-reused", "The key was used with another event"),
  QUOTE_REFUSED(422, "quote-refused", "The device cannot quote what is asked for"),
  NOT_REPRESENTABLE(422, "not-representable", "The log cannot be said in this format"),
  HEADERS_TOO_LARGE(431, "headers-too-large", "The headers are larger than allowed"),
  INTERNAL_ERROR(500, "internal-error", "A defect of Cairn"),
  LOG_UNREADABLE(500, "log-unreadable", "The log's files cannot be read"),
  QUOTES_NOT_SUPPORTED(501, "quotes-not-supported", "The backend has nothing that signs"),
  BACKEND_REFUSED(502, "backend-refused", "The device refused the extend"),
  QUEUE_FULL(503, "queue-full", "Too many events are waiting"),
  TOO_MANY_CONNECTIONS(503, "too-many-connections", "Too many connections are open"),
  TOO_MANY_BODIES(503, "too-many-bodies", "Too many bodies are being received"),
  TOO_MANY_STREAMS(503, "too-many-streams", "Too many logs are being sent"),
  SHUTTING_DOWN(503, "shutting-down", "The service is going down"),
  NOT_READY(503, "not-ready", "The service cannot accept events"),
  STORAGE_ERROR(503, "storage-error", "The log could not be written"),
  LOG_FAILED(503, "log-failed", "The log failed for good"),
  REGISTER_FAILED(503, "register-failed", "The register's state is unknown"),
  QUOTE_UNAVAILABLE(503, "quote-unavailable", "The device gives no quote at present"),
  STORAGE_FULL(507, "storage-full", "There is no space for the log");

  /** A URN: it names and is not meant to be fetched. */
  static final String PREFIX = "urn:cairn:problem:";

  private final int status;
  private final String code;
  private final String title;

  ProblemType(int status, String code, String title) {
    this.status = status;
    this.code = code;
    this.title = title;
  }

  int status() {
    return status;
  }

  String uri() {
    return PREFIX + code;
  }

  String code() {
    return code;
  }

  String title() {
    return title;
  }

  /** Returns the type for an event that was not acknowledged. */
  static ProblemType of(ExtendException.Reason reason) {
    return switch (reason) {
      case UNKNOWN_REGISTER -> UNKNOWN_REGISTER;
      case NOT_EXTENDABLE -> NOT_EXTENDABLE;
      case WRONG_BANKS -> WRONG_BANKS;
      case BAD_EVENT -> BAD_EVENT;
      case KEY_REUSED -> KEY_REUSED;
      case QUEUE_FULL -> QUEUE_FULL;
      case SHUTTING_DOWN -> SHUTTING_DOWN;
      case STORAGE_FULL -> STORAGE_FULL;
      case STORAGE_ERROR -> STORAGE_ERROR;
      case LOG_FAILED -> LOG_FAILED;
      case BACKEND_REFUSED -> BACKEND_REFUSED;
      case REGISTER_DIVERGED -> REGISTER_DIVERGED;
      case REGISTER_FAILED -> REGISTER_FAILED;
    };
  }

  /** Returns the type for a quote that was not taken. */
  static ProblemType of(QuoteException.Reason reason) {
    return switch (reason) {
      case NOT_SUPPORTED -> QUOTES_NOT_SUPPORTED;
      case REFUSED -> QUOTE_REFUSED;
      case UNAVAILABLE -> QUOTE_UNAVAILABLE;
      case DIVERGED -> REGISTER_DIVERGED;
      case QUEUE_FULL -> QUEUE_FULL;
      case SHUTTING_DOWN -> SHUTTING_DOWN;
    };
  }

  /** Returns whether the same request may succeed later without anybody's doing. */
  boolean passes() {
    return switch (this) {
      case QUEUE_FULL,
          TOO_MANY_CONNECTIONS,
          TOO_MANY_BODIES,
          TOO_MANY_STREAMS,
          SHUTTING_DOWN,
          QUOTE_UNAVAILABLE,
          STORAGE_ERROR,
          STORAGE_FULL ->
          true;
      default -> false;
    };
  }
}
