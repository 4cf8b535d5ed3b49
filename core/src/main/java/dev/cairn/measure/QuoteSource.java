package dev.cairn.measure;

/**
 * Has the values of a backend's registers signed by the hardware. Called by the same thread as the
 * backend, between two batches.
 */
public interface QuoteSource {
  /** Returns the kind of quote that it gives, see {@link Quote#type()}. */
  String type();

  /**
   * Makes a quote.
   *
   * <p>Where the values are not in the quote themselves (TPM), the ones returned beside it are
   * known to be those that were quoted; where somebody kept changing them, it gives up.
   *
   * @throws BackendException with {@link BackendException.Outcome#NOT_EXECUTED} if the request does
   *     not fit this hardware (nonce too long, no such register or bank) or the key is missing; the
   *     message names field, value and remedy. No register is changed, whatever is thrown
   */
  Quote quote(QuoteRequest request) throws BackendException;
}
