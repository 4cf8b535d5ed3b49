package dev.cairn.service;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.store.LogStore;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * An ordered log and measurement registers that say the same thing. Any thread; nothing here blocks
 * except {@link #close()}; file access is in {@link LogSnapshot}.
 *
 * <p>Futures complete on the sequencer's thread, many at a time: a callback must be short and must
 * never block; hand it over to a thread of your own.
 */
public interface MeasuredLog extends AutoCloseable {
  /**
   * Brings log and registers together and begins to serve. Takes over {@code store} and {@code
   * backend}: they are closed with the log, or at once if this fails.
   *
   * @throws BackendException if the device cannot be read
   * @throws IOException if the log cannot be read, is damaged, or belongs to other registers
   */
  static MeasuredLog open(LogStore store, MeasurementBackend backend, MeasuredLogOptions options)
      throws IOException, BackendException {
    try {
      Recovery.Recovered recovered = new Recovery(store, backend, options, Clock.systemUTC()).run();
      return new SequencedLog(
          options, store, recovered.log(), backend, recovered.tail(), recovered.foreign());
    } catch (IOException | BackendException | RuntimeException e) {
      try (backend;
          store) {
        throw e;
      }
    }
  }

  /**
   * Logs and extends one event. Completes with a receipt after both are done, or fails with an
   * {@link ExtendException}. Computes the digests in the calling thread.
   */
  CompletableFuture<Receipt> extend(ExtendRequest request);

  /**
   * Says what {@code request} would do if it were next. The idempotency key is ignored. Fails with
   * an {@link ExtendException} where {@link #extend} would.
   */
  CompletableFuture<Preview> preview(ExtendRequest request);

  /**
   * Reads all registers between two batches and compares them with the log. A register that holds
   * something unexplained becomes DIVERGED by that. Ascending by register.
   */
  CompletableFuture<List<RegisterStatus>> registers();

  /**
   * Has the registers quoted between two batches. Completes with the quote and the position of the
   * log that belongs to it, or fails with a {@link QuoteException}. Take a {@link #snapshot()}
   * after that: it has at least those records.
   */
  CompletableFuture<QuotedLog> quote(QuoteRequest request);

  /** Returns the logs that others keep about the same registers, see {@link ForeignLog}. */
  List<ForeignLog> foreignLogs();

  /** Returns how things stand; reads no device and no file. */
  ServiceStatus status();

  /**
   * Returns the log as committed now. To be closed.
   *
   * @throws IOException if the log's files cannot be opened
   */
  LogSnapshot snapshot() throws IOException;

  /**
   * Calls {@code listener} on the sequencer's thread after every turn: after a batch was committed
   * and all its callers were answered, or after questions were. Once more when the log is closed.
   * It must be short and never block. Closing the handle ends that.
   */
  AutoCloseable onTurn(Runnable listener);

  /** Refuses new events, finishes the accepted ones, releases log and backend. Idempotent. */
  @Override
  void close();
}
