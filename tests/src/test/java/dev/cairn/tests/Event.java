package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.measure.Bytes;
import java.util.Optional;

/**
 * One event that a client sends.
 *
 * @param id unique in the test: the operation of the AAEL event
 * @param register where to
 * @param content plain letters
 * @param key for the Idempotency-Key header
 */
record Event(String id, String register, String content, Optional<String> key) {
  private static final String DOMAIN = "cairn.test";

  String path() {
    return "/v1/registers/" + register + "/events";
  }

  String headers() {
    return key.map(text -> "idempotency-key: " + text + "\r\n").orElse("");
  }

  byte[] body() {
    return "{\"domain\":\"%s\",\"operation\":\"%s\",\"content\":\"%s\"}"
        .formatted(DOMAIN, id, content)
        .getBytes(UTF_8);
  }

  /** Returns the event data that has to be in the log. */
  Bytes data() {
    return new AaelEvent(DOMAIN, id, content).toPcClientEvent().data();
  }
}
