package dev.cairn.backend.tdx.report;

import dev.cairn.backend.tdx.quote.TdxQuote;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.linux.Errno;
import dev.cairn.linux.ErrnoException;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.QuoteSource;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Has the registers of a TDX guest quoted, through configfs {@code tsm/report}.
 *
 * <pre>
 * 1 make an entry with a name that nobody guesses; its provider has to be tdx_guest
 * 2 read generation g; write 64 bytes of report data, close
 * 3 the generation has to be g + 1: the same is a lost request, more is somebody else's
 * 4 read the quote; where the driver says busy, interrupted or late, again after a pause
 * 5 the generation has to be the same still, and the quote's report data ours
 * 6 remove the entry, whatever has happened
 * </pre>
 *
 * <p>The report data are the nonce, filled up with zeros to 64 bytes. A quote holds MRTD and all
 * four RTMRs, whatever is asked for. The caller waits for as long as the host takes; a driver whose
 * host never answers gives up after half a minute, and then nothing is tried again.
 */
public final class TdxQuoteSource implements QuoteSource {
  private static final String PROVIDER = "tdx_guest";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MOST_ENTRIES = 3;
  private static final int MOST_INPUT_OUTPUT_ERRORS = 2;

  private static final Set<RegisterId> REGISTERS =
      Set.of(
          RegisterId.MRTD,
          RegisterId.rtmr(0),
          RegisterId.rtmr(1),
          RegisterId.rtmr(2),
          RegisterId.rtmr(3));
  private static final Set<HashAlgorithm> BANKS = Set.of(HashAlgorithm.SHA384);

  private final ReportFolder folder;
  private final Duration patience;

  /**
   * Looks for entries that dead processes have left, and removes them. There need be no {@code
   * tsm/report} yet: a driver may be loaded later.
   *
   * @param configfs usually {@code /sys/kernel/config}
   */
  public TdxQuoteSource(Path configfs) {
    this(configfs, PATIENCE);
  }

  /** Makes one that tries again only within {@code patience} after it was asked. */
  TdxQuoteSource(Path configfs, Duration patience) {
    this.folder = new ReportFolder(configfs.resolve("tsm").resolve("report"));
    this.patience = patience;
    folder.removeAbandoned();
  }

  @Override
  public String type() {
    return TdxQuote.TYPE;
  }

  @Override
  public Quote quote(QuoteRequest request) throws BackendException {
    requireQuotable(request);
    byte[] reportData = new byte[TdxQuote.REPORT_DATA_BYTES];
    request.nonce().copyTo(reportData, 0);
    Pauses pauses = new Pauses(patience);
    for (int entries = 1; ; entries++) {
      try {
        return quote(Bytes.copyOf(reportData), pauses);
      } catch (DisturbedException e) {
        if (entries == MOST_ENTRIES || !pauses.again()) {
          throw unknown("%d entries, each disturbed; who else writes there?".formatted(entries), e);
        }
      }
    }
  }

  private static void requireQuotable(QuoteRequest request) throws BackendException {
    if (!REGISTERS.containsAll(request.registers())) {
      throw refused(
          "registers %s: a TDX quote has %s"
              .formatted(request.registers(), new TreeSet<>(REGISTERS)),
          null);
    }
    if (!request.banks().isEmpty() && !request.banks().equals(BANKS)) {
      throw refused("banks %s: a TDX quote has sha384 only".formatted(request.banks()), null);
    }
  }

  private Quote quote(Bytes reportData, Pauses pauses) throws BackendException, DisturbedException {
    try (ReportEntry entry = folder.make()) {
      requireTdx(entry.provider());
      long before = entry.generation();
      entry.ask(reportData);
      requireGeneration(entry, before + 1);
      Bytes report = report(entry, pauses);
      requireGeneration(entry, before + 1);
      return parsed(report, reportData);
    } catch (ErrnoException e) {
      // somebody else's clean-up may have come between making the entry and locking it
      boolean gone = e.errno() == Errno.ENOENT || e.errno() == Errno.EAGAIN;
      if (gone && folder.isThere()) {
        throw new DisturbedException(e);
      }
      throw explained(e);
    } catch (NumberFormatException e) {
      throw unknown(folder + ": generation: " + e.getMessage(), null);
    }
  }

  private void requireTdx(String provider) throws BackendException {
    if (!provider.equals(PROVIDER)) {
      throw refused(
          "%s: provider '%s', needs '%s': this is no TDX guest"
              .formatted(folder, provider, PROVIDER),
          null);
    }
  }

  private static void requireGeneration(ReportEntry entry, long expected)
      throws ErrnoException, DisturbedException {
    long generation = entry.generation();
    if (generation != expected) {
      throw new DisturbedException(
          "%s: generation %s, needs %s: %s"
              .formatted(
                  entry,
                  Long.toUnsignedString(generation),
                  Long.toUnsignedString(expected),
                  generation == expected - 1
                      ? "the request was lost"
                      : "somebody else asked through this entry"));
    }
  }

  private Bytes report(ReportEntry entry, Pauses pauses)
      throws BackendException, ErrnoException, DisturbedException {
    int inputOutputErrors = 0;
    while (true) {
      try {
        return entry.report();
      } catch (ErrnoException e) {
        inputOutputErrors += e.errno() == Errno.EIO ? 1 : 0;
        switch (e.errno()) {
          case Errno.EBUSY, Errno.EINTR, Errno.ETIMEDOUT, Errno.EIO -> {
            if (inputOutputErrors > MOST_INPUT_OUTPUT_ERRORS || !pauses.again()) {
              throw unknown(
                  "%s: the host's quote service does not answer, after %s"
                      .formatted(folder, pauses),
                  e);
            }
          }
          case Errno.EINVAL -> throw new DisturbedException(e); // it is not our inblob any more
          default -> throw e;
        }
      }
    }
  }

  private Quote parsed(Bytes report, Bytes reportData) throws BackendException {
    try {
      if (report.length() > ReportEntry.MAX_REPORT_BYTES) {
        throw new MalformedEvidenceException(
            TdxQuote.PART, "more than %d bytes".formatted(ReportEntry.MAX_REPORT_BYTES));
      }
      TdxQuote quote = TdxQuote.parse(report);
      if (!quote.reportData().equals(reportData)) {
        throw unknown(
            "%s: quote with report data %s, asked with %s"
                .formatted(folder, quote.reportData(), reportData),
            null);
      }
      return TdxQuote.toQuote(report);
    } catch (MalformedEvidenceException e) {
      throw unknown(folder + ": what the driver gives is no quote that Cairn knows", e);
    }
  }

  private BackendException explained(ErrnoException e) {
    return switch (e.errno()) {
      case Errno.ENOENT ->
          refused(
              folder
                  + " is not there: needs Linux 6.7 or newer with CONFIG_TSM_REPORTS, configfs"
                  + " mounted, and the driver tdx_guest loaded",
              e);
      case Errno.ENXIO, Errno.ENODEV ->
          refused(
              "no driver gives quotes: load tdx_guest ('modprobe tdx_guest'); outside of a TDX guest"
                  + " there are none",
              e);
      case Errno.EACCES, Errno.EPERM, Errno.EROFS ->
          refused("this process may not ask for quotes: it needs to be root in the guest", e);
      default -> unknown("the kernel refuses", e);
    };
  }

  private static BackendException refused(String detail, @Nullable Exception cause) {
    return new BackendException(null, Outcome.NOT_EXECUTED, "quote", detail, cause);
  }

  private static BackendException unknown(String detail, @Nullable Exception cause) {
    return new BackendException(null, Outcome.UNKNOWN, "quote", detail, cause);
  }

  /** Somebody else has got at our entry; with another one, all may be well. */
  private static final class DisturbedException extends Exception {
    private static final long serialVersionUID = 1L;

    DisturbedException(String message) {
      super(message);
    }

    DisturbedException(ErrnoException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
