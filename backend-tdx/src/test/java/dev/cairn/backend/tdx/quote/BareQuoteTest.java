package dev.cairn.backend.tdx.quote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.evidence.EvidenceOptions;
import dev.cairn.evidence.EvidenceReport;
import dev.cairn.evidence.EvidenceVerifier;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.evidence.Trust;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.LogSource;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Quotes in files of their own, and the firmware's log beside them. */
class BareQuoteTest {
  private static final String COS = "tdx/cos-113-tdx-quote.dat";
  private static final String COS_LOG = "ccel/goel_cos-113-intel-tdx.bin";
  private static final Bytes COS_NONCE = Bytes.filled(64, 0); // as it was asked for
  private static final Trust THEN = new Trust(List.of(), RealQuotes.THEN);

  private record Log(String name) implements LogSource {
    @Override
    public EventReader open() throws IOException {
      return EventLogs.open(new ByteArrayInputStream(Vectors.bytes(name)));
    }
  }

  private static EvidenceOptions options(Bytes nonce, Trust trust, String... log) {
    return new EvidenceOptions(
        Optional.of(nonce),
        Optional.empty(),
        Set.of(),
        false,
        false,
        log.length == 0 ? Optional.empty() : Optional.of(new Log(log[0])),
        List.of(),
        trust);
  }

  private static EvidenceReport verify(String file, EvidenceOptions options) throws IOException {
    Quote quote = EvidenceVerifier.quoteOfFile(RealQuotes.file(file)).orElseThrow();
    return EvidenceVerifier.verify(quote, options, Limits.DEFAULT);
  }

  private static List<String> failed(EvidenceReport report) {
    assertThat(report.ok()).isFalse();
    return report.checks().stream().filter(check -> !check.passed()).map(Check::name).toList();
  }

  private static X509Certificate rootOf(String file) {
    return RealQuotes.rootOf(RealQuotes.file(file));
  }

  @Nested
  class GivenAQuoteAndItsFirmwareLog {
    @Test
    void whenVerified_thenTheLogExplainsTheRegistersThatItExtends() throws Exception {
      EvidenceReport report = verify(COS, options(COS_NONCE, THEN, COS_LOG));

      assertThat(report.ok()).isTrue();
      assertThat(report.required())
          .containsExactly(RegisterId.rtmr(0), RegisterId.rtmr(1), RegisterId.rtmr(2));
      assertThat(report.notExplained()).isEmpty();
      assertThat(report.checks()).hasSize(15).allMatch(Check::passed);
    }

    @Test
    void whenAnotherNonceWasSent_thenTheQuoteIsNotFresh() throws Exception {
      EvidenceReport report = verify(COS, options(Bytes.fromHex("01"), THEN, COS_LOG));
      assertThat(failed(report)).containsExactly("nonce");
    }

    @Test
    void whenTheLogIsOfAnotherBoot_thenItExplainsNothing() throws Exception {
      EvidenceReport report = verify(COS, options(COS_NONCE, THEN, "ccel/ccapi_ccel_data.bin"));
      assertThat(failed(report)).containsExactly("registers");
      assertThat(report.notExplained())
          .containsExactly(RegisterId.rtmr(0), RegisterId.rtmr(1), RegisterId.rtmr(2));
    }

    @Test
    void whenThereIsNoLog_thenNothingIsExplained() throws Exception {
      assertThat(failed(verify(COS, options(COS_NONCE, THEN)))).containsExactly("registers");
    }

    @Test
    void whenTheKernelHasExtendedToo_thenThatRegisterIsNotExplained() throws Exception {
      String quote = "tdx/ccapi_quote.bin";
      Trust trust = new Trust(List.of(rootOf(quote)), RealQuotes.THEN);
      Bytes nonce = TdxQuote.parse(RealQuotes.file(quote)).reportData();

      EvidenceReport report = verify(quote, options(nonce, trust, "ccel/ccapi_ccel_data.bin"));

      assertThat(failed(report)).containsExactly("registers");
      assertThat(report.notExplained()).containsExactly(RegisterId.rtmr(2));
    }
  }

  @Nested
  class GivenAuthorities {
    @Test
    void whenTheRootIsAmongThem_thenTheQuoteIsGood() throws Exception {
      String quote = "tdx/ccapi_quote.bin";
      Trust trust = new Trust(List.of(rootOf(COS), rootOf(quote)), RealQuotes.THEN);
      assertThat(verify(quote, options(COS_NONCE, trust)).quote().ok()).isTrue();
      assertThat(verify(COS, options(COS_NONCE, trust)).quote().ok()).isTrue();
    }

    @Test
    void whenIntelsRootIsNotAmongThem_thenItIsNotTrusted() throws Exception {
      Trust trust = new Trust(List.of(rootOf("tdx/ccapi_quote.bin")), RealQuotes.THEN);
      assertThat(failed(verify(COS, options(COS_NONCE, trust)))).containsExactly("root");
    }
  }

  @Nested
  class GivenAFile {
    @Test
    void whenItIsNoQuote_thenItIsNotRecognised() throws Exception {
      assertThat(EvidenceVerifier.quoteOfFile(RealQuotes.file(COS_LOG))).isEmpty();
      assertThat(EvidenceVerifier.quoteOfFile(Bytes.EMPTY)).isEmpty();
    }

    @Test
    void whenItIsACutQuote_thenTheReasonIsNamed() {
      assertThatThrownBy(() -> EvidenceVerifier.quoteOfFile(RealQuotes.file(COS).slice(0, 600)))
          .isInstanceOf(MalformedEvidenceException.class)
          .hasMessage("quote: offset 568: report data needs 64 bytes, 32 are left");
    }
  }
}
