package dev.cairn.backend.tdx.quote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tdx.platform.GuestBody;
import dev.cairn.backend.tdx.platform.QuotingPlatform;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.SeededTest;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The layout of quotes, and what is refused. */
class TdxQuoteTest {
  private static final int HEAD_BYTES = 8;

  @SeededTest
  void givenAnyGuest_whenQuotedInAnyLayout_thenParsingGivesItBack(long seed) throws IOException {
    Random random = new Random(seed);
    List<byte[]> registers =
        List.of(register(random), register(random), register(random), register(random));
    byte[] mrtd = register(random);
    byte[] reportData = Hostile.noise(64, seed);
    int layout = random.nextInt(3);
    GuestBody body = (layout == 2 ? GuestBody.td15() : GuestBody.td10()).mrtd(mrtd);
    for (int i = 0; i < 4; i++) {
      body.rtmr(i, registers.get(i));
    }
    byte[] signed =
        QuotingPlatform.signed(layout == 0 ? 4 : 5, body.reportData(reportData).bytes());
    byte[] signature = Hostile.noise(random.nextInt(300), seed + 1);
    byte[] trailing = new byte[random.nextInt(20)];

    TdxQuote quote =
        TdxQuote.parse(Bytes.owning(concat(signed, le32(signature.length), signature, trailing)));

    assertThat(quote.version()).isEqualTo(layout == 0 ? 4 : 5);
    assertThat(quote.td().mrtd()).isEqualTo(Bytes.copyOf(mrtd));
    assertThat(quote.td().rtmrs()).isEqualTo(registers.stream().map(Bytes::copyOf).toList());
    assertThat(quote.reportData()).isEqualTo(Bytes.copyOf(reportData));
    assertThat(quote.signed()).isEqualTo(Bytes.copyOf(signed));
    assertThat(quote.signature()).isEqualTo(Bytes.copyOf(signature));
    assertThat(quote.trailing().length()).isEqualTo(trailing.length);
  }

  private static byte[] register(Random random) {
    return Hostile.noise(48, random.nextLong());
  }

  private static byte[] concat(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private static byte[] le32(int number) {
    return new byte[] {
      (byte) number, (byte) (number >>> 8), (byte) (number >>> 16), (byte) (number >>> 24)
    };
  }

  @ParameterizedTest
  @CsvSource({
    "0, 3, 'quote: offset 0: version 3, needs 4 or 5'",
    "0, 6, 'quote: offset 0: version 6, needs 4 or 5'",
    "2, 3, 'quote: offset 2: attestation key type 3, needs 2 (ECDSA P-256)'",
    "4, 0, 'quote: offset 4: TEE type 0, needs 129 (TDX)'",
    "48, 1, 'quote: offset 48: body type 1, needs 2 (TD 1.0) or 3 (TD 1.5)'",
    "48, 2, 'quote: offset 50: body size 648, needs 584 (of body type 2)'",
    "50, 0, 'quote: offset 50: body size 512, needs 648 (of body type 3)'"
  })
  void givenAnotherKind_whenParsed_thenOffsetAndNeedAreNamed(int at, int value, String message) {
    byte[] quote = RealQuotes.file("tdx/tdx_quote_5.dat").toArray();
    quote[at] = (byte) value;
    assertThatThrownBy(() -> TdxQuote.parse(Bytes.owning(quote)))
        .isInstanceOf(MalformedEvidenceException.class)
        .hasMessage(message);
  }

  @Test
  void givenASignatureSizeOfFourGigabytes_whenParsed_thenItIsRefusedWithoutMemory()
      throws IOException {
    byte[] quote = RealQuotes.file("tdx/cos-113-tdx-quote.dat").toArray();
    Arrays.fill(quote, 0x278, 0x27C, (byte) 0xFF);
    Bytes bytes = Bytes.owning(quote);
    assertThat(
            Hostile.allocatedBytes(
                () ->
                    assertThatThrownBy(() -> TdxQuote.parse(bytes))
                        .hasMessage(
                            "quote: offset 636: signature needs 4294967295 bytes, 7364 are left")))
        .isLessThan(1 << 20);
  }

  @Test
  void givenEveryLength_whenCut_thenItIsRefused() {
    Bytes quote = RealQuotes.file("tdx/tdx_quote_5.dat");
    for (int length = 0; length < quote.length(); length++) {
      Bytes cut = quote.slice(0, length);
      assertThatThrownBy(() -> TdxQuote.parse(cut)).isInstanceOf(MalformedEvidenceException.class);
    }
  }

  @Test
  void givenRealQuotes_whenAskedWhatTheyAre_thenTheirHeadTells() {
    assertThat(RealQuotes.all().values())
        .allMatch(quote -> TdxQuote.recognises(quote.slice(0, HEAD_BYTES)))
        .noneMatch(quote -> TdxQuote.recognises(quote.slice(0, HEAD_BYTES - 1)))
        .noneMatch(quote -> TdxQuote.recognises(quote.slice(1, quote.length())));
  }
}
