package dev.cairn.backend.tpm.quote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tpm.quote.SoftTpm.Pcrs;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.SeededTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** What holds for every quote, honest or not. Takes some five seconds. */
class TpmQuoteProperties {
  private static final List<String> PARTS = List.of("attest", "signature", "public");
  private static final SoftTpm[] TPMS = {
    SoftTpm.ecc("secp256r1", HashAlgorithm.SHA256), SoftTpm.rsa(2048, HashAlgorithm.SHA256)
  };

  private final TpmQuoteVerifier verifier = new TpmQuoteVerifier();

  private static Quote honest(long seed) {
    Random random = new Random(seed);
    SoftTpm tpm = TPMS[random.nextInt(TPMS.length)];
    byte[] nonce = new byte[random.nextInt(65)];
    random.nextBytes(nonce);
    tpm.nonce = Bytes.owning(nonce);
    List<Pcrs> selection = new ArrayList<>();
    for (HashAlgorithm bank : HashAlgorithm.values()) {
      List<Integer> pcrs =
          IntStream.range(0, 24).filter(pcr -> random.nextInt(4) == 0).boxed().toList();
      selection.add(random.nextInt(selection.size() + 1), new Pcrs(bank, pcrs));
    }
    tpm.selection = selection;
    return tpm.quote(seed);
  }

  /** Nothing if it was refused as no quote at all. */
  private Optional<QuoteVerdict> verify(Quote quote) {
    try {
      return Optional.of(verifier.verify(quote));
    } catch (MalformedEvidenceException e) {
      return Optional.empty();
    }
  }

  private static Quote with(Quote quote, String part, byte[] bytes) {
    Map<String, Bytes> parts = new TreeMap<>(quote.parts());
    parts.put(part, Bytes.copyOf(bytes));
    return Quote.of(quote.type(), parts, quote.values());
  }

  private static byte[] part(Quote quote, String name) {
    return quote.parts().getOrDefault(name, Bytes.EMPTY).toArray();
  }

  @SeededTest
  void anHonestQuoteProvesItsValues(long seed) throws Exception {
    Quote quote = honest(seed);

    QuoteVerdict verdict = verifier.verify(quote);

    assertThat(verdict.ok()).as("%s", verdict.checks()).isTrue();
    assertThat(verdict.proven().asMap()).isEqualTo(quote.values());
  }

  @SeededTest
  void aFlippedBitOfWhatIsSignedOrOfTheSignatureProvesNothing(long seed) {
    Quote quote = honest(seed);
    Random random = new Random(seed);
    for (String name : List.of("attest", "signature")) {
      byte[] bytes = part(quote, name);
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));

      assertThat(verify(with(quote, name, bytes)).filter(QuoteVerdict::ok)).isEmpty();
    }
  }

  @SeededTest
  void aFlippedBitOfTheKeyProvesNothingOrChangesItsName(long seed) throws Exception {
    Quote quote = honest(seed);
    Bytes name = nameIn(verifier.verify(quote));
    Random random = new Random(seed);
    byte[] bytes = part(quote, "public");
    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));

    Optional<QuoteVerdict> verdict = verify(with(quote, "public", bytes));

    assertThat(verdict.filter(QuoteVerdict::ok).map(TpmQuoteProperties::nameIn))
        .isNotEqualTo(Optional.of(name));
  }

  private static Bytes nameIn(QuoteVerdict verdict) {
    return verdict.key().orElseThrow().name().orElseThrow();
  }

  @SeededTest
  void aFlippedBitOfAValueProvesNothing(long seed) {
    Quote quote = honest(seed);
    Random random = new Random(seed);
    Map<RegisterId, DigestSet> values = new TreeMap<>(quote.values());
    List<RegisterId> registers = List.copyOf(values.keySet());
    values.computeIfPresent(
        registers.get(random.nextInt(registers.size())),
        (register, value) -> Values.flipOneBit(value, random));

    Quote bad = Quote.of("tpm2", quote.parts(), values);

    assertThat(verify(bad).orElseThrow().ok()).isFalse();
  }

  @SeededTest
  void damagedPartsAreRefusedWithoutAnyOtherException(long seed) throws Exception {
    Quote quote = honest(seed);
    for (String name : PARTS) {
      byte[] damaged = Hostile.mutate(part(quote, name), seed);

      long allocated = Hostile.allocatedBytes(() -> verify(with(quote, name, damaged)));

      assertThat(allocated).isLessThan(4_000_000);
    }
  }

  @SeededTest
  void noiseIsRefusedWithoutAnyOtherException(long seed) {
    Quote quote = honest(seed);
    for (String name : PARTS) {
      byte[] noise = Hostile.noise(new Random(seed).nextInt(700), seed);
      System.arraycopy(part(quote, name), 0, noise, 0, Math.min(6, noise.length));

      assertThat(verify(with(quote, name, noise)).filter(QuoteVerdict::ok)).isEmpty();
    }
  }

  /** Certificates: noise, and the head of one. */
  @SeededTest
  void aCertificateThatIsNoneIsRefused(long seed) {
    byte[] noise = Hostile.noise(new Random(seed).nextInt(300), seed);
    if (noise.length > 4) {
      Bytes.fromHex("3082").copyTo(noise, 0);
    }

    assertThat(verify(with(honest(seed), "certificate", noise))).isEmpty();
  }
}
