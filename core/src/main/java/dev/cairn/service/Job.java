package dev.cairn.service;

import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What waits for the sequencer. */
sealed interface Job {
  /** Fails the caller, whatever it waits for. */
  void fail(ExtendException reason);

  /** An event to be logged and extended; {@code digests} are those of the register's banks. */
  final class Extend implements Job {
    final RegisterId register;
    final PcClientEvent event;
    final DigestSet digests;
    final @Nullable Key key;
    final CompletableFuture<Receipt> answer = new CompletableFuture<>();

    /** How often its extend was sent and is known not to have happened. Sequencer's thread. */
    int attempts;

    Extend(RegisterId register, PcClientEvent event, DigestSet digests, @Nullable Key key) {
      this.register = register;
      this.event = event;
      this.digests = digests;
      this.key = key;
    }

    @Override
    public void fail(ExtendException reason) {
      answer.completeExceptionally(reason);
    }
  }

  /**
   * An idempotency key.
   *
   * @param hash SHA-256 of the key
   * @param requestHash SHA-256 over everything that the event consists of
   */
  record Key(Bytes hash, Bytes requestHash) {}

  /** Asks what an extend would do. */
  record Ask(RegisterId register, DigestSet digests, CompletableFuture<Preview> answer)
      implements Job {
    @Override
    public void fail(ExtendException reason) {
      answer.completeExceptionally(reason);
    }
  }

  /** Asks for a quote of the log as it is. */
  record Quote(QuoteRequest request, CompletableFuture<QuotedLog> answer) implements Job {
    @Override
    public void fail(ExtendException reason) {
      boolean full = reason.reason() == ExtendException.Reason.QUEUE_FULL;
      answer.completeExceptionally(
          new QuoteException(
              full ? QuoteException.Reason.QUEUE_FULL : QuoteException.Reason.SHUTTING_DOWN,
              String.valueOf(reason.getMessage()),
              reason));
    }
  }

  /** Asks for all registers. */
  record Look(CompletableFuture<List<RegisterStatus>> answer) implements Job {
    @Override
    public void fail(ExtendException reason) {
      answer.completeExceptionally(reason);
    }
  }
}
