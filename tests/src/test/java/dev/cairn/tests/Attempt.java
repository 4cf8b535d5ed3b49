package dev.cairn.tests;

import dev.cairn.testing.Json;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event that was sent, what the client was told, and where it was found. */
final class Attempt {
  static final long NOWHERE = -1;

  final Event event;

  // the client's thread, then the test's
  long sentNanos;
  long answeredNanos = Long.MAX_VALUE;
  @Nullable Map<String, Object> receipt;
  @Nullable Response refusal;

  // the test's thread
  long position = NOWHERE;

  Attempt(Event event) {
    this.event = event;
  }

  /** Sends the event and notes the answer; on an exception the outcome stays unknown. */
  Response send(Connection connection) throws IOException {
    if (position == NOWHERE) {
      sentNanos = System.nanoTime();
    }
    Response response = connection.post(event.path(), event.headers(), event.body());
    if (response.status() == 201) {
      if (receipt == null) {
        answeredNanos = System.nanoTime();
      }
      receipt = response.json();
    } else {
      refusal = response;
    }
    return response;
  }

  boolean acknowledged() {
    return receipt != null;
  }

  boolean found() {
    return position != NOWHERE;
  }

  long number(String member) {
    if (receipt != null && receipt.get(member) instanceof Long number) {
      return number;
    }
    throw new AssertionError(this + ": no number " + member + " in its receipt");
  }

  /** Returns the digests that the receipt has as {@code member}, by bank. */
  Map<String, Object> digests(String member) {
    if (receipt == null) {
      throw new AssertionError(this + " has no receipt");
    }
    return Json.object(receipt, member);
  }

  @Override
  public String toString() {
    String told = refusal == null ? "not answered" : "refused: " + refusal;
    return "event %s on %s (%s)"
        .formatted(event.id(), event.register(), receipt == null ? told : receipt);
  }
}
