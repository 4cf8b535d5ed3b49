package dev.cairn.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.measure.Bytes;
import dev.cairn.testing.Json;
import java.util.Map;

/** What the service answered; names of headers are in lower case. */
record Response(int status, Map<String, String> headers, Bytes body) {
  private static final String PROBLEM = "urn:cairn:problem:";

  byte[] bytes() {
    return body.toArray();
  }

  String text() {
    return new String(bytes(), UTF_8);
  }

  Map<String, Object> json() {
    return Json.parseObject(bytes());
  }

  /** Returns the last part of the problem's type, e.g. {@code storage-full}. */
  String problem() {
    if (!"application/problem+json".equals(headers.get("content-type"))) {
      throw new AssertionError("no problem but " + this);
    }
    String type = String.valueOf(json().get("type"));
    if (!type.startsWith(PROBLEM)) {
      throw new AssertionError("problem of type " + type);
    }
    return type.substring(PROBLEM.length());
  }

  @Override
  public String toString() {
    return status + " " + text();
  }
}
