package dev.cairn.backend.tdx.ccel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.cairn.backend.tdx.quote.TdxQuote;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.LogSource;
import dev.cairn.replay.RegisterComparison;
import dev.cairn.replay.RegisterValues;
import dev.cairn.replay.VerificationReport;
import dev.cairn.replay.Verifier;
import dev.cairn.replay.VerifyOptions;
import dev.cairn.testing.Vectors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The firmware's log, and that it explains what hardware has signed. */
class CcelTest {
  @TempDir Path acpi;

  private CcelLog log(String table, String data) throws IOException {
    Files.write(acpi.resolve("CCEL"), Vectors.bytes(table));
    Files.createDirectories(acpi.resolve("data"));
    Files.write(acpi.resolve("data/CCEL"), Vectors.bytes(data));
    return new CcelLog(acpi);
  }

  private CcelLog log(String data) throws IOException {
    return log("ccel/goel_cos-113-intel-tdx.table.bin", data);
  }

  private record Source(ForeignLog log) implements LogSource {
    @Override
    public String name() {
      return log.location();
    }

    @Override
    public EventReader open() throws IOException {
      LogFormat format = LogFormat.ofLabel(log.format()).orElseThrow();
      return EventLogs.open(log.open(), ReadOptions.DEFAULT.withFormat(format));
    }
  }

  private static RegisterValues quoted(String quote, Set<RegisterId> registers) throws IOException {
    Map<RegisterId, DigestSet> values =
        new TreeMap<>(TdxQuote.parse(Bytes.owning(Vectors.bytes(quote))).td().values());
    values.keySet().retainAll(registers);
    return RegisterValues.of(values);
  }

  private static final Set<RegisterId> FIRMWARES =
      Set.of(RegisterId.rtmr(0), RegisterId.rtmr(1), RegisterId.rtmr(2));

  private VerificationReport verify(CcelLog log, RegisterValues values) throws IOException {
    return Verifier.verify(List.of(new Source(log)), values, VerifyOptions.STRICT, Limits.DEFAULT);
  }

  @Nested
  class GivenALogAndAQuoteOfTheSameBoot {
    @ParameterizedTest
    @CsvSource({
      "ccel/goel_cos-113-intel-tdx.bin, tdx/cos-113-tdx-quote.dat",
      "boot/ccel-synthetic/data.CCEL, boot/ccel-synthetic/quote-after-boot.bin"
    })
    void whenReplayed_thenRtmr0To2AreTheQuotedOnes(String data, String quote) throws IOException {
      VerificationReport report = verify(log(data), quoted(quote, FIRMWARES));
      assertThat(report.ok()).isTrue();
      assertThat(report.comparisons())
          .hasSize(3)
          .allMatch(comparison -> comparison.status() == RegisterComparison.Status.MATCH);
    }

    @Test
    void whenAllQuotedRegistersAreGiven_thenMrtdAndAnUntouchedRtmr3PassToo() throws IOException {
      String quote = "tdx/cos-113-tdx-quote.dat";
      RegisterValues all =
          RegisterValues.of(TdxQuote.parse(Bytes.owning(Vectors.bytes(quote))).td().values());
      VerificationReport report = verify(log("ccel/goel_cos-113-intel-tdx.bin"), all);
      assertThat(report.ok()).isTrue();
      assertThat(report.comparisons()).hasSize(5);
    }

    @Test
    void whenTheKernelHasExtendedOnItsOwn_thenThatRegisterAloneDiffers() throws IOException {
      // its IMA extends RTMR2, and keeps a list of its own
      VerificationReport report =
          verify(log("ccel/ccapi_ccel_data.bin"), quoted("tdx/ccapi_quote.bin", FIRMWARES));
      assertThat(report.ok()).isFalse();
      assertThat(report.comparisons())
          .extracting(RegisterComparison::register, RegisterComparison::passes)
          .containsExactly(
              tuple(RegisterId.rtmr(0), true),
              tuple(RegisterId.rtmr(1), true),
              tuple(RegisterId.rtmr(2), false));
    }

    @Test
    void whenTheQuoteIsOfAnotherBoot_thenNoneMatches() throws IOException {
      VerificationReport report =
          verify(log("ccel/goel_cos-113-intel-tdx.bin"), quoted("tdx/AAEL_quote_tdx", FIRMWARES));
      assertThat(report.comparisons()).hasSize(3).noneMatch(RegisterComparison::passes);
    }
  }

  @Nested
  class GivenATable {
    private static final String REAL = "ccel/goel_cos-113-intel-tdx.table.bin";

    @Test
    void whenParsed_thenItSaysWhereTheLogIs() {
      CcelTable table = CcelTable.parse(Bytes.owning(Vectors.bytes(REAL)));
      assertThat(table).isEqualTo(new CcelTable(2, 0, 262_144, 0xbedbf000L));
      assertThat(table).hasToString("TDX, 262144 bytes at 0xbedbf000");
    }

    @ParameterizedTest
    @CsvSource({"0, begins with", "4, length", "9, checksum", "55, checksum"})
    void whenAByteIsChanged_thenItIsRefused(int at, String reason) {
      byte[] table = Vectors.bytes(REAL);
      table[at] ^= 2;
      assertThatThrownBy(() -> CcelTable.parse(Bytes.owning(table)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(reason);
    }

    @Test
    void whenItIsTooLong_thenItIsRefused() throws IOException {
      Files.write(acpi.resolve("CCEL"), Arrays.copyOf(Vectors.bytes(REAL), 57));
      assertThatThrownBy(() -> CcelTable.read(acpi.resolve("CCEL")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("CCEL: 57 bytes");
    }

    @Test
    void whenTheGuestIsOfAnotherKind_thenTheLogIsNotOpened() throws IOException {
      CcelLog log = log("ccel/goel_cos-113-intel-tdx.bin");
      byte[] table = Vectors.bytes(REAL);
      table[36]--;
      table[9]++;
      Files.write(acpi.resolve("CCEL"), table);
      assertThatThrownBy(log::open)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("type 1.0, 262144 bytes at 0xbedbf000: needs type 2 (TDX)");
    }
  }

  @Nested
  class GivenNoCcel {
    @Test
    void whenOpened_thenThereIsNoSuchFile() {
      assertThatThrownBy(() -> new CcelLog(acpi).open()).isInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  void givenALog_whenOpened_thenItsBytesAreUnchanged() throws IOException {
    CcelLog log = log("ccel/ccapi_ccel_data.bin");
    try (InputStream in = log.open()) {
      assertThat(in.readAllBytes()).isEqualTo(Vectors.bytes("ccel/ccapi_ccel_data.bin"));
    }
    assertThat(log.origin()).isEqualTo(ForeignLog.Origin.FIRMWARE);
    assertThat(log.location()).endsWith("data/CCEL");
  }
}
