package dev.cairn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.cli.client.Answer;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cairn extend}: measures one event. */
@Command(
    name = "extend",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures one event: logs it and extends the register, then prints the receipt.",
      "",
      "An event is either --domain, --operation and --content (tagged as the",
      "Confidential Containers agent does), or --event-type and --event-data.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cairn extend --register rtmr2 --domain example.org --operation Start \\",
      "               --content app=1.2",
      "  cairn extend --register pcr16 --event-type EV_IPL --event-data cmdline.bin \\",
      "               --digest sha256:$(sha256sum < cmdline.bin | cut -d' ' -f1)",
      "",
      "Exit status: 0 measured; 1 refused; 69 the service cannot be reached."
    })
final class ExtendCommand implements Callable<Integer> {
  private static final int MAX_RECEIPT_BYTES = 1 << 20;

  @Spec private CommandSpec spec;
  @Mixin private ServiceOptions service;

  @Option(
      names = "--register",
      required = true,
      paramLabel = "REGISTER",
      description = "where to: rtmr0 to rtmr3, pcr0 to pcr23")
  private String register = "";

  @Option(names = "--domain", paramLabel = "D", description = "who measures")
  private @Nullable String domain;

  @Option(names = "--operation", paramLabel = "O", description = "what happened")
  private @Nullable String operation;

  @Option(
      names = "--content",
      paramLabel = "C",
      description = "the details, one line; - reads them from standard input")
  private @Nullable String content;

  @Option(
      names = "--event-type",
      paramLabel = "TYPE",
      description = "number or name of a PC-Client event type, e.g. 13 or EV_IPL")
  private @Nullable String eventType;

  @Option(
      names = "--event-data",
      paramLabel = "FILE",
      description = "file with the event data; - for standard input")
  private @Nullable String eventData;

  @Option(
      names = "--digest",
      paramLabel = "BANK:HEX",
      description = "extend this instead of the hash of the event data; one per active bank")
  private List<String> digests = new ArrayList<>();

  @Option(
      names = "--idempotency-key",
      paramLabel = "KEY",
      description = "a repetition with the same key returns the first receipt")
  private @Nullable String idempotencyKey;

  @Option(names = "--dry-run", description = "only say what the register would hold")
  private boolean dryRun;

  @Option(names = "--json", description = "print the receipt, or the problem, as JSON")
  private boolean json;

  private final Console console;

  ExtendCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CommandException, IOException {
    RegisterId id =
        RegisterId.parse(register)
            .orElseThrow(() -> wrong("--register", register, "a name such as rtmr2 or pcr16"));
    byte[] body = Json.bytes(this::writeEvent);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("content-type", "application/json");
    if (idempotencyKey != null) {
      headers.put("idempotency-key", idempotencyKey);
    }
    String path = "/v1/registers/" + id.name() + "/events" + (dryRun ? "?dry_run=true" : "");
    try (Answer answer = service.client().post(path, headers, body)) {
      if (!answer.successful()) {
        throw ServiceOptions.refusal(answer, json ? console : null);
      }
      print(answer.readBody(MAX_RECEIPT_BYTES));
    }
    return ExitStatus.OK;
  }

  private void writeEvent(JsonGenerator out) throws IOException {
    if (eventType == null && eventData == null && digests.isEmpty()) {
      out.writeStringField("domain", required("--domain", domain));
      out.writeStringField("operation", required("--operation", operation));
      String text = required("--content", content);
      out.writeStringField("content", text.equals("-") ? readText() : text);
      return;
    }
    if (domain != null || operation != null || content != null) {
      throw new ParameterException(
          spec.commandLine(),
          "--domain, --operation, --content do not go with --event-type, --event-data, --digest");
    }
    out.writeNumberField("event_type", eventTypeCode(required("--event-type", eventType)));
    out.writeBinaryField("event_data", readBytes(required("--event-data", eventData)));
    if (!digests.isEmpty()) {
      out.writeObjectFieldStart("digests");
      for (String digest : digests) {
        int colon = digest.indexOf(':');
        if (colon < 1) {
          throw wrong("--digest", digest, "BANK:HEX, e.g. sha384:00…");
        }
        out.writeStringField(digest.substring(0, colon), digest.substring(colon + 1));
      }
      out.writeEndObject();
    }
  }

  private long eventTypeCode(String text) {
    OptionalLong named = EventTypes.code(text);
    if (named.isPresent()) {
      return named.getAsLong();
    }
    try {
      return Long.decode(text);
    } catch (NumberFormatException e) {
      throw wrong("--event-type", text, "a number or a name such as EV_IPL");
    }
  }

  /** Reads standard input without its last line feed, which shells and editors add. */
  private String readText() throws IOException {
    String text = new String(console.in().readAllBytes(), UTF_8);
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  private byte[] readBytes(String file) throws IOException {
    return file.equals("-") ? console.in().readAllBytes() : Files.readAllBytes(Path.of(file));
  }

  private String required(String option, @Nullable String value) {
    if (value == null) {
      throw new ParameterException(
          spec.commandLine(), option + ": missing: an event needs it; see --help");
    }
    return value;
  }

  private ParameterException wrong(String option, String given, String needed) {
    return new ParameterException(
        spec.commandLine(), "%s: '%s': needs %s".formatted(option, given, needed));
  }

  private void print(byte[] receipt) throws IOException {
    if (json) {
      console.out().write(receipt);
      console.println("");
      return;
    }
    if (!(Json.read(receipt) instanceof Map<?, ?> fields)) {
      throw new IOException("the service answers something that is no receipt");
    }
    String what =
        dryRun
            ? "%s would get record %s".formatted(fields.get("register"), fields.get("recnum"))
            : "%s record %s, position %s in epoch %s%s"
                .formatted(
                    fields.get("register"),
                    fields.get("recnum"),
                    fields.get("position"),
                    fields.get("epoch"),
                    Boolean.TRUE.equals(fields.get("repeated")) ? " (measured before)" : "");
    console.println(what);
    if (fields.get("value") instanceof Map<?, ?> value) {
      for (Map.Entry<?, ?> bank : value.entrySet()) {
        console.println("  %-8s %s".formatted(bank.getKey(), bank.getValue()));
      }
    }
  }
}
