package dev.cairn.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.evidence.QuoteVerifier;
import dev.cairn.evidence.Trust;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.QuoteSource;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every source of quotes shows, together with the verifier of its quotes. */
public abstract class QuoteContract {
  private static final Bytes NONCE = Bytes.filled(32, 0x5A);

  /** The backend under test, opened before every test. */
  protected MeasurementBackend backend;

  private QuoteSource source;
  private QuoteVerifier verifier;

  /** Opens the device; the registers may hold anything. */
  protected abstract MeasurementBackend open() throws Exception;

  /** Returns a register that this process may extend and that quotes may show. */
  protected abstract RegisterId extendable();

  /** Returns a register that the device does not have. */
  protected abstract RegisterId unknown();

  /** Returns whom the verifier has to believe; asked once the device is open. */
  protected Trust trust() {
    return Trust.DEFAULT;
  }

  @BeforeEach
  void openBackend() throws Exception {
    backend = open();
    source = backend.quotes().orElseThrow();
    verifier =
        ServiceLoader.load(QuoteVerifier.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(each -> each.type().equals(source.type()))
            .findFirst()
            .orElseThrow()
            .trusting(trust());
  }

  @AfterEach
  void closeBackend() throws Exception {
    backend.close();
  }

  private QuoteRequest request(RegisterId register) {
    return new QuoteRequest(NONCE, new TreeSet<>(Set.of(register)), new TreeSet<>());
  }

  @Test
  void whenQuoted_thenTheVerifierProvesNonceAndWhatTheRegistersHold() throws Exception {
    extend("one");

    Quote quote = source.quote(request(extendable()));
    QuoteVerdict verdict = verifier.verify(quote);

    assertThat(verdict.checks()).allMatch(QuoteVerdict.Check::passed);
    assertThat(verdict.ok()).isTrue();
    assertThat(verdict.nonce()).isEqualTo(verifier.signedNonce(NONCE));
    assertThat(verdict.proven().asMap()).isEqualTo(quote.values()).containsKey(extendable());
    verdict
        .proven()
        .asMap()
        .forEach(
            (register, values) ->
                values.forEach(value -> assertThat(read(register)).contains(value)));
  }

  @Test
  void whenExtendedAfterwards_thenTheNextQuoteShowsIt() throws Exception {
    Quote before = source.quote(request(extendable()));

    extend("two");

    assertThat(source.quote(request(extendable())).values().get(extendable()))
        .isNotEqualTo(before.values().get(extendable()));
  }

  @Test
  void whenQuoted_thenNoRegisterChanges() throws Exception {
    List<DigestSet> before = readAll();

    source.quote(request(extendable()));

    assertThat(readAll()).isEqualTo(before);
  }

  @Test
  void whenABankIsAskedFor_thenOnlyThatIsQuoted() throws Exception {
    HashAlgorithm bank = descriptor(extendable()).banks().get(0);
    QuoteRequest request =
        new QuoteRequest(NONCE, new TreeSet<>(Set.of(extendable())), new TreeSet<>(Set.of(bank)));

    Quote quote = source.quote(request);

    assertThat(quote.values().values()).allMatch(value -> value.banks().equals(List.of(bank)));
  }

  @Test
  void whenAnUnknownRegisterIsAskedFor_thenNotExecutedAndNamed() {
    BackendException refusal =
        catchThrowableOfType(BackendException.class, () -> source.quote(request(unknown())));

    assertThat(refusal.outcome()).isEqualTo(BackendException.Outcome.NOT_EXECUTED);
    assertThat(refusal).hasMessageContaining(unknown().name());
  }

  @Test
  void whenAValueIsChanged_thenItIsNotProven() throws Exception {
    Quote quote = source.quote(request(extendable()));
    Map<RegisterId, DigestSet> values = new TreeMap<>(quote.values());
    values.computeIfPresent(extendable(), (id, value) -> flipped(value));

    QuoteVerdict verdict = verifier.verify(Quote.of(quote.type(), quote.parts(), values));

    assertThat(verdict.ok()).isFalse();
    assertThat(verdict.proven().isEmpty()).isTrue();
  }

  @Test
  void whenAPartIsMissing_thenThatIsSaid() throws Exception {
    Quote quote = source.quote(request(extendable()));

    MalformedEvidenceException refusal =
        catchThrowableOfType(
            MalformedEvidenceException.class,
            () -> verifier.verify(Quote.of(quote.type(), Map.of(), quote.values())));

    assertThat(refusal).isNotNull();
  }

  /** Every part is flipped at up to 200 places. */
  @Test
  void whenABitOfAPartIsFlipped_thenNothingPassesForTheSame() throws Exception {
    Quote quote = source.quote(request(extendable()));
    QuoteVerdict whole = verifier.verify(quote);
    for (Map.Entry<String, Bytes> part : quote.parts().entrySet()) {
      int step = Math.max(1, part.getValue().length() / 200);
      for (int at = 0; at < part.getValue().length(); at += step) {
        byte[] damaged = part.getValue().toArray();
        damaged[at] ^= (byte) (1 << at % 8);
        Map<String, Bytes> parts = new TreeMap<>(quote.parts());
        parts.put(part.getKey(), Bytes.owning(damaged));
        QuoteVerdict verdict;
        try {
          verdict = verifier.verify(Quote.of(quote.type(), parts, quote.values()));
        } catch (MalformedEvidenceException refused) {
          continue;
        }
        boolean same =
            verdict.ok()
                && verdict.nonce().equals(whole.nonce())
                && verdict.key().equals(whole.key());
        assertThat(same).as("%s, byte %d flipped", part.getKey(), at).isFalse();
      }
    }
  }

  private static DigestSet flipped(DigestSet value) {
    List<Digest> digests = new ArrayList<>();
    for (Digest digest : value) {
      byte[] bytes = digest.value().toArray();
      bytes[bytes.length - 1] ^= 1;
      digests.add(new Digest(digest.algorithm(), Bytes.owning(bytes)));
    }
    return DigestSet.of(digests);
  }

  private void extend(String text) throws BackendException {
    backend.extend(
        extendable(),
        DigestSet.of(
            descriptor(extendable()).banks().stream()
                .map(
                    bank ->
                        bank.hash(
                            Bytes.copyOf(text.getBytes(java.nio.charset.StandardCharsets.UTF_8))))
                .toList()));
  }

  private RegisterDescriptor descriptor(RegisterId id) {
    return backend.registers().stream()
        .filter(register -> register.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private DigestSet read(RegisterId register) {
    try {
      return backend.read(register);
    } catch (BackendException e) {
      throw new AssertionError(e);
    }
  }

  private List<DigestSet> readAll() {
    return backend.registers().stream().map(register -> read(register.id())).toList();
  }
}
