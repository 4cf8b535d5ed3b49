package dev.cairn.http;

import dev.cairn.service.MeasuredLog;
import dev.cairn.service.ServiceStatus;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns before a log becomes too long for what verifiers make of it: a key broker's token carries
 * the claims of every record, in a request head of at most 128 KiB. Silent until a client of
 * Confidential Containers shows that there is one.
 *
 * @see "confidential-containers/trustee, issue 1563; actix-http, message head"
 */
final class CocoSizes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CocoSizes.class);

  /** Records that fit behind the largest firmware log known, a typical one, and none. */
  private static final int[] THRESHOLDS = {40, 65, 100};

  /** What a verifier's claim of a record has beside the record's own bytes. */
  private static final int CLAIM_BYTES = 694;

  private final MeasuredLog log;
  private final AtomicInteger passed = new AtomicInteger();
  private final AutoCloseable turns;
  private volatile boolean used;

  /**
   * Watches {@code log}.
   *
   * @param used whether it is known already that somebody reads it in this form
   */
  CocoSizes(MeasuredLog log, boolean used) {
    this.log = log;
    this.used = used;
    this.turns = log.onTurn(this::look);
    look();
  }

  /** A client of Confidential Containers is here. Any thread. */
  void use() {
    if (!used) {
      used = true;
      look();
    }
  }

  private void look() {
    int next = passed.get();
    if (!used || next == THRESHOLDS.length) {
      return; // nobody cares, or everything was said; asking costs
    }
    ServiceStatus status = log.status();
    if (status.committedPosition() < THRESHOLDS[next]) {
      return;
    }
    int now = next;
    while (now < THRESHOLDS.length && status.committedPosition() >= THRESHOLDS[now]) {
      now++;
    }
    if (passed.compareAndSet(next, now)) {
      LOG.warn(
          "the log has {} records, about {} bytes in a token; key brokers refuse tokens above 131072:"
              + " measure a digest over many things instead of each",
          status.committedPosition(),
          tokenBytes(status));
    }
  }

  /** Returns about how many bytes of a token the log's claims take, in base64. */
  static long tokenBytes(ServiceStatus status) {
    return (status.committedBytes() + CLAIM_BYTES * status.committedPosition()) * 4 / 3;
  }

  @Override
  public void close() throws IOException {
    try {
      turns.close();
    } catch (Exception e) {
      throw new IOException("the log's listener could not be taken away", e);
    }
  }
}
