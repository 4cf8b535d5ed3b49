package dev.cairn.cli;

import static dev.cairn.cli.SampleLogs.RTMR2;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.evidence.EvidenceHead;
import dev.cairn.evidence.EvidenceWriter;
import dev.cairn.evidence.LogPart;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifyEvidenceTest {
  private static final String NONCE = "4e".repeat(32);
  private static final int RECORDS = 4;

  @TempDir Path folder;
  private final TestConsole console = new TestConsole();
  private Path log = Path.of("");
  private Path evidence = Path.of("");
  private Path withoutLog = Path.of("");

  @BeforeEach
  void attest() throws Exception {
    List<EventRecord> records = SampleLogs.events(0, RECORDS);
    log = SampleLogs.write(folder.resolve("log.cel"), LogFormat.CEL_TLV, records);
    Quote quote;
    try (EmulatorBackend emulator =
        EmulatorBackend.open(EmulatorProfile.TDX, folder.resolve("registers"))) {
      for (EventRecord record : records) {
        emulator.extend(RTMR2, record.digests());
      }
      quote = emulator.quotes().orElseThrow().quote(QuoteRequest.of(Bytes.fromHex(NONCE)));
    }
    EvidenceHead head =
        new EvidenceHead("e1", Bytes.fromHex(NONCE), quote, new TreeSet<>(Set.of(RTMR2)));
    evidence = write("evidence.json", head, Optional.of(Files.newInputStream(log)));
    withoutLog = write("short.json", head, Optional.empty());
  }

  private Path write(String name, EvidenceHead head, Optional<InputStream> data) throws Exception {
    Path file = folder.resolve(name);
    LogPart.Committed part = new LogPart.Committed(RECORDS, Files.size(log), data);
    try (InputStream document = EvidenceWriter.stream(head, List.of(), part)) {
      Files.copy(document, file);
    }
    return file;
  }

  private int verify(Path document, String... more) {
    String[] all = new String[more.length + 3];
    all[0] = "verify";
    all[1] = "--quote";
    all[2] = document.toString();
    System.arraycopy(more, 0, all, 3, more.length);
    return console.run(all);
  }

  @Test
  void whenItIsGood_thenItSaysSoAndWhatIsNotProven() throws Exception {
    assertThat(verify(evidence, "--nonce", NONCE, "--allow-emulator")).isZero();
    assertThat(console.out())
        .contains(
            "rtmr2     sha384   match",
            "ok     nonce: ",
            "note   the emulator's report is signed by nobody",
            "good: quote of type emulator, 1 registers explained");
  }

  @Test
  void whenJsonIsWanted_thenEveryCheckIsInIt() throws Exception {
    assertThat(verify(evidence, "--nonce", NONCE, "--allow-emulator", "--json")).isZero();
    assertThat(console.json())
        .containsEntry("ok", true)
        .containsEntry("type", "emulator")
        .containsEntry("nonce", NONCE)
        .containsEntry("required", List.of("rtmr2"))
        .containsEntry("not_explained", List.of())
        .containsKeys("checks", "notes", "proven", "logs");
    assertThat(console.json().get("checks"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(7);
  }

  @Test
  void whenTheEmulatorIsNotAllowed_thenItIsNotGood() {
    assertThat(verify(evidence, "--nonce", NONCE)).isEqualTo(ExitStatus.NO);
    assertThat(console.out()).contains("FAILED signed: ", "NOT GOOD: 1 of 3 checks failed");
  }

  @ParameterizedTest
  @CsvSource({
    "'', FAILED nonce: not given",
    "--nonce=00, FAILED nonce: the quote is about 4e4e",
    "--nonce=4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e --require=pcr7,"
        + " FAILED registers: not quoted: [pcr7]"
  })
  void whenWhatIsKnownDoesNotFit_thenItIsNotGood(String options, String said) {
    String[] more = (options + " --allow-emulator").strip().split(" ");

    assertThat(verify(evidence, more)).isEqualTo(ExitStatus.NO);
    assertThat(console.out()).contains(said);
  }

  @Test
  void whenTheLogIsGivenBesideIt_thenItIsUsed() throws Exception {
    assertThat(verify(withoutLog, "--nonce", NONCE, "--allow-emulator", log.toString())).isZero();
    TestConsole piped = new TestConsole().withInput(Files.readAllBytes(withoutLog));
    int status =
        piped.run("verify", "--quote=-", "--nonce=" + NONCE, "--allow-emulator", log.toString());
    assertThat(status).isZero();
  }

  @Test
  void whenTheLogIsCut_thenItIsUnusable() throws Exception {
    byte[] whole = Files.readAllBytes(log);
    Path cut = Files.write(folder.resolve("cut.cel"), Arrays.copyOf(whole, whole.length - 1));

    assertThat(verify(withoutLog, "--nonce", NONCE, "--allow-emulator", cut.toString()))
        .isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains("cut.cel: damaged at offset");
    assertThat(console.out()).contains("FAILED log: ", "FAILED registers: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "short.json|log: not in the evidence: give records 0 to 4 of epoch e1",
        "log.cel|log.cel: evidence: byte ",
        "missing.json|missing.json: no such file"
      })
  void whenTheEvidenceIsNotUsable_thenTheErrorSaysWhy(String name, String said) {
    assertThat(verify(folder.resolve(name), "--nonce", NONCE)).isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains(said);
  }

  @Test
  void whenTheKeyIsNone_thenThatIsSaid() {
    assertThat(verify(evidence, "--nonce", NONCE, "--key", log.toString()))
        .isEqualTo(ExitStatus.UNUSABLE_INPUT);
    assertThat(console.err()).contains("--key: ", "log.cel", "needs a public key");
    assertThat(verify(evidence, "--nonce", NONCE, "--allow-emulator", "--key", "ab".repeat(32)))
        .isEqualTo(ExitStatus.NO);
    assertThat(console.out()).contains("FAILED trusted_key: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "log.cel|needs one of --values VALUES.json and --quote EVIDENCE",
        "--values v.json|needs at least one log",
        "log.cel --values v.json --nonce 00|need --quote EVIDENCE",
        "--quote e.json --values v.json|needs one of",
        "--quote e.json --only pcr7|see --require",
        "--quote e.json --require x|--require: 'x'",
        "--quote e.json --nonce x|--nonce: 'x'",
        "--quote - -|standard input can be read once",
        "--quote e.json a.cel b.cel|belongs to one log"
      })
  void whenTheOptionsContradict_thenThatIsWrongUsage(String arguments, String said)
      throws Exception {
    String words = arguments.replace("e.json", evidence.toString());
    String[] all = ("verify " + words).split(" ");

    assertThat(console.run(all)).isEqualTo(ExitStatus.USAGE);
    assertThat(console.err()).contains(said);
  }
}
