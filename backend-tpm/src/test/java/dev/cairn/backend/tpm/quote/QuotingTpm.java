package dev.cairn.backend.tpm.quote;

import dev.cairn.backend.tpm.command.PcrSelection;
import dev.cairn.backend.tpm.command.Tpm;
import dev.cairn.backend.tpm.testing.FaultyConnector;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.backend.tpm.transport.TpmAddress;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** A source of quotes on a swtpm; PCR 14 is Cairn's. */
final class QuotingTpm implements AutoCloseable {
  static final int COMMAND_QUOTE = 0x158;
  static final Bytes NONCE = Bytes.filled(32, 0x4E);
  static final RegisterId OWNED = RegisterId.pcr(14);
  static final HashAlgorithm[] BANKS = {
    HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SHA512
  };

  final FaultyConnector connector;
  final Tpm tpm;
  final TpmQuoteSource source;

  QuotingTpm(Swtpm swtpm, String key) {
    this(swtpm, key, 64, BANKS);
  }

  QuotingTpm(Swtpm swtpm, String key, int longestDigest, HashAlgorithm... banks) {
    connector = new FaultyConnector(TpmAddress.parse(swtpm.address()).connector());
    tpm = new Tpm(connector, Duration.ofSeconds(10));
    source = new TpmQuoteSource(tpm, tpm, KeySetting.parse(key), registers(banks), longestDigest);
  }

  static List<RegisterDescriptor> registers(HashAlgorithm... banks) {
    List<HashAlgorithm> list = Arrays.asList(banks);
    return IntStream.range(0, 24)
        .mapToObj(RegisterId::pcr)
        .map(
            id ->
                new RegisterDescriptor(
                    id,
                    list,
                    DigestSet.filled(list, 0),
                    id.equals(OWNED) ? Optional.empty() : Optional.of("somebody else's"),
                    false))
        .toList();
  }

  static QuoteRequest request(Set<RegisterId> registers, Set<HashAlgorithm> banks) {
    return new QuoteRequest(NONCE, new TreeSet<>(registers), new TreeSet<>(banks));
  }

  Quote quote() throws Exception {
    return source.quote(QuoteRequest.of(NONCE));
  }

  /** Takes a quote and checks it. */
  QuoteVerdict verified() throws Exception {
    return verified(quote());
  }

  static QuoteVerdict verified(Quote quote) throws Exception {
    QuoteVerdict verdict = new TpmQuoteVerifier().verify(quote);
    if (!verdict.ok() || !verdict.nonce().equals(NONCE)) {
      throw new AssertionError(verdict.toString());
    }
    return verdict;
  }

  /** A selection of one value. */
  static PcrSelection one(int pcr) {
    return PcrSelection.of(List.of(HashAlgorithm.SHA256), List.of(pcr));
  }

  /** Goes away as a killed process does. */
  void drop() {
    tpm.close();
  }

  @Override
  public void close() {
    source.close();
    tpm.close();
  }
}
