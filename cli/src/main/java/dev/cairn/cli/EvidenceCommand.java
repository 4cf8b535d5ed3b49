package dev.cairn.cli;

import dev.cairn.cli.client.Answer;
import dev.cairn.evidence.Evidence;
import dev.cairn.evidence.EvidenceLimits;
import dev.cairn.evidence.QuoteVerifier;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cairn evidence}: a quote, and exactly the log that replays to it. */
@Command(
    name = "evidence",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Has the registers quoted, and fetches the quote with exactly the log that replays",
      "to the quoted values. 'cairn verify --quote' says what it is worth, on any machine.",
      ""
    },
    footer = {
      "",
      "Whoever is to be convinced chooses the nonce. With 'random' this command does, and",
      "prints it on standard error; that convinces nobody but you.",
      "",
      "Examples:",
      "  cairn evidence --nonce 5d0c…e1 -o evidence.json",
      "  cairn evidence --nonce random --registers pcr14 --firmware-log -o evidence.json",
      "  cairn verify --quote evidence.json --nonce 5d0c…e1",
      "  cairn evidence --nonce 5d0c…e1 --split quote && cd quote &&",
      "    tpm2_checkquote -u ak.pem -m attest.bin -s signature.bin -f pcrs.bin -q 5d0c…e1",
      "",
      "Exit status: 0 done; 1 refused; 69 the service cannot be reached."
    })
final class EvidenceCommand implements Callable<Integer> {
  private static final String RANDOM = "random";
  private static final int RANDOM_BYTES = 32;

  @Spec private CommandSpec spec;
  @Mixin private ServiceOptions service;

  @Option(
      names = "--nonce",
      required = true,
      paramLabel = "HEX",
      description = "what the quote is to be about, up to 64 bytes; or: random")
  private String nonce = "";

  @Option(
      names = "--registers",
      split = ",",
      paramLabel = "REGISTER",
      description = "registers to be quoted (those that the device quotes by itself)")
  private List<String> registers = List.of();

  @Option(
      names = "--banks",
      split = ",",
      paramLabel = "BANK",
      description = "banks to be quoted, e.g. sha256 (those that the device prefers)")
  private List<String> banks = List.of();

  @Option(names = "--firmware-log", description = "with the log that the firmware kept before")
  private boolean firmwareLog;

  @Option(
      names = "--no-log",
      description = "without the log, which 'cairn log' gives later as well")
  private boolean noLog;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "where to; standard output if not given")
  private @Nullable String output;

  @Option(
      names = "--split",
      paramLabel = "FOLDER",
      description = {
        "instead: the quote as files for other tools, one for each part, and for a TPM",
        "what tpm2_checkquote wants beside them; without the log"
      })
  private @Nullable Path split;

  @Option(names = "--json", description = "with -o or --split: say what was written as JSON")
  private boolean json;

  private final Console console;

  EvidenceCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CommandException, IOException {
    Bytes chosen = nonce();
    boolean toFile = output != null && !output.equals("-");
    if (split != null && output != null) {
      throw wrong("one of -o and --split");
    }
    if (split == null && output == null && console.outIsTerminal()) {
      throw wrong("evidence is not for reading: give -o FILE, or -o - for this terminal");
    }
    try (Answer answer = service.client().get(path(chosen), Map.of())) {
      if (!answer.successful()) {
        throw ServiceOptions.refusal(answer, json ? console : null);
      }
      if (nonce.equals(RANDOM)) {
        console.err().println("nonce " + chosen.toHex());
      }
      if (split != null) {
        split(answer, split, chosen);
        return ExitStatus.OK;
      }
      try (OutputFile out = OutputFile.open(console, output);
          Progress progress = new Progress(console, "evidence", 0)) {
        progress.counting(answer.body()).transferTo(out.stream());
        out.complete();
      }
      if (toFile) {
        report(answer, chosen);
      }
    }
    return ExitStatus.OK;
  }

  private void split(Answer answer, Path folder, Bytes chosen) throws IOException {
    SortedMap<String, Bytes> files;
    try (Evidence evidence = Evidence.read(answer.body(), EvidenceLimits.DEFAULT)) {
      Quote quote = evidence.head().quote();
      files = QuoteVerifier.find(quote.type()).files(quote);
    }
    Files.createDirectories(folder);
    for (Map.Entry<String, Bytes> file : files.entrySet()) {
      try (OutputFile out = OutputFile.open(console, folder.resolve(file.getKey()).toString())) {
        file.getValue().writeTo(out.stream());
        out.complete();
      }
    }
    if (json) {
      Json.print(
          console,
          out -> {
            out.writeStringField("folder", folder.toString());
            out.writeStringField("nonce", chosen.toHex());
            out.writeArrayFieldStart("files");
            for (String name : files.keySet()) {
              out.writeString(name);
            }
            out.writeEndArray();
          });
    } else {
      console.println(
          "%s: %s; nonce %s".formatted(folder, String.join(", ", files.keySet()), chosen.toHex()));
    }
  }

  private void report(Answer answer, Bytes chosen) throws IOException {
    String epoch = answer.header("cairn-epoch").orElse("");
    String end = answer.header("cairn-end-position").orElse("0");
    if (json) {
      Json.print(
          console,
          out -> {
            out.writeStringField("file", output);
            out.writeStringField("nonce", chosen.toHex());
            out.writeStringField("epoch", epoch);
            out.writeNumberField("end_position", Long.parseLong(end));
          });
    } else {
      console.println(
          "%s: evidence of epoch %s, %s records, nonce %s"
              .formatted(output, epoch, end, chosen.toHex()));
    }
  }

  private Bytes nonce() {
    if (nonce.equals(RANDOM)) {
      byte[] random = new byte[RANDOM_BYTES];
      new SecureRandom().nextBytes(random);
      return Bytes.owning(random);
    }
    return hexNonce(spec, nonce);
  }

  /** Parses a nonce as commands take it. */
  static Bytes hexNonce(CommandSpec spec, String hex) {
    Bytes bytes;
    try {
      bytes = Bytes.fromHex(hex);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--nonce: '%s': needs hexadecimal digits".formatted(hex), e);
    }
    if (bytes.length() > QuoteRequest.MAX_NONCE_BYTES) {
      throw new ParameterException(
          spec.commandLine(),
          "--nonce: %d bytes, at most %d: hash it"
              .formatted(bytes.length(), QuoteRequest.MAX_NONCE_BYTES));
    }
    return bytes;
  }

  private String path(Bytes chosen) {
    StringBuilder path = new StringBuilder("/v1/evidence?nonce=");
    path.append(Base64.getUrlEncoder().withoutPadding().encodeToString(chosen.toArray()));
    append(path, "registers", registers);
    append(path, "banks", banks);
    path.append(firmwareLog ? "&firmware_log=true" : "")
        .append(noLog || split != null ? "&log=false" : "");
    return path.toString();
  }

  private static void append(StringBuilder path, String name, List<String> values) {
    if (!values.isEmpty()) {
      path.append('&').append(name).append('=');
      path.append(URLEncoder.encode(String.join(",", values), StandardCharsets.UTF_8));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
