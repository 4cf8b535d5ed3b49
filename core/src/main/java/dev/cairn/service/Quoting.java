package dev.cairn.service;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.QuoteSource;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.QuoteException.Reason;
import dev.cairn.store.EpochLog;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Takes a quote between two batches, when nothing is in flight: the committed log and the registers
 * then say the same, and the quote is of exactly this log. Writers wait as long as the quote takes.
 * Sequencer's thread.
 */
final class Quoting {
  /** The first shows a foreign extend, the second is of the log that admits or explains it. */
  private static final int MOST_QUOTES = 3;

  private final Tail tail;
  private final MeasurementBackend backend;
  private final EpochLog log;
  private final Settlement settlement;

  Quoting(Tail tail, MeasurementBackend backend, EpochLog log, Settlement settlement) {
    this.settlement = settlement;
    this.tail = tail;
    this.backend = backend;
    this.log = log;
  }

  /**
   * Makes a quote of the committed log.
   *
   * @throws QuoteException if there is none
   */
  QuotedLog quote(QuoteRequest request) throws QuoteException {
    QuoteSource source =
        backend
            .quotes()
            .orElseThrow(
                () ->
                    new QuoteException(
                        Reason.NOT_SUPPORTED,
                        "backend %s (%s) has nothing that signs quotes"
                            .formatted(backend.name(), backend.description()),
                        null));
    for (int attempt = 1; ; attempt++) {
      if (tail.isHolding()) {
        throw new QuoteException(
            Reason.UNAVAILABLE,
            "an extend is open whose outcome is unknown; try again when its register is not FAILED",
            null);
      }
      Quote quote = take(source, request);
      RegisterId differing = firstUnexplained(quote);
      if (differing == null) {
        return new QuotedLog(
            quote, log.id(), log.committedPosition(), log.committedOffset(), explained(quote));
      }
      RegisterTrack track = tail.track(differing);
      if (track.state() != RegisterState.OK || attempt == MOST_QUOTES) {
        throw new QuoteException(
            Reason.DIVERGED,
            "%s: the quoted value is not what its log replays to: %s"
                .formatted(
                    differing, track.reason() == null ? "it keeps changing" : track.reason()),
            null);
      }
      notice(differing);
    }
  }

  private static Quote take(QuoteSource source, QuoteRequest request) throws QuoteException {
    try {
      return source.quote(request);
    } catch (BackendException e) {
      boolean refused = e.outcome() == BackendException.Outcome.NOT_EXECUTED;
      throw new QuoteException(
          refused ? Reason.REFUSED : Reason.UNAVAILABLE, String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns a quoted register of ours with another value than the log replays to, or null. */
  private @Nullable RegisterId firstUnexplained(Quote quote) {
    for (RegisterId register : explained(quote)) {
      DigestSet replayed = tail.point(register).value();
      for (Digest quoted : quote.values().getOrDefault(register, DigestSet.EMPTY)) {
        if (!quoted.equals(replayed.find(quoted.algorithm()))) {
          return register;
        }
      }
    }
    return null;
  }

  private SortedSet<RegisterId> explained(Quote quote) {
    SortedSet<RegisterId> explained = new TreeSet<>();
    for (RegisterTrack track : tail.tracks()) {
      if (track.isOwned() && quote.values().containsKey(track.id())) {
        explained.add(track.id());
      }
    }
    return explained;
  }

  /** Reads the register in all banks, and lets the log say what was found. */
  private void notice(RegisterId register) throws QuoteException {
    try {
      DigestSet observed = backend.read(register);
      if (!observed.equals(tail.point(register).value())) {
        settlement.notice(register, observed);
      }
    } catch (BackendException e) {
      throw new QuoteException(Reason.UNAVAILABLE, String.valueOf(e.getMessage()), e);
    }
  }
}
