package dev.cairn.cli;

import dev.cairn.cli.client.Answer;
import dev.cairn.cli.client.HttpClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cairn registers}: what the registers hold, and whether the log says the same. */
@Command(
    name = "registers",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Shows what the registers hold now, and whether the log replays to it.", ""},
    footer = {
      "",
      "Examples:",
      "  cairn registers",
      "  cairn registers rtmr2 --json",
      "",
      "Exit status: 0 all shown are OK or OBSERVED; 1 one is DIVERGED or FAILED, or there is no",
      "such register; 69 the service cannot be reached."
    })
final class RegistersCommand implements Callable<Integer> {
  private static final int MAX_BYTES = 16 << 20;
  private static final Set<String> GOOD = Set.of("OK", "OBSERVED");

  @Mixin private ServiceOptions service;

  @Parameters(arity = "0..*", paramLabel = "REGISTER", description = "only these, e.g. rtmr2 pcr16")
  private List<String> wanted = new ArrayList<>();

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  private final Console console;

  RegistersCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CommandException, IOException {
    HttpClient client = service.client();
    Map<?, ?> document;
    try (Answer answer = client.get("/v1/registers", Map.of("accept", "application/json"))) {
      if (!answer.successful()) {
        throw ServiceOptions.refusal(answer, json ? console : null);
      }
      document = object(Json.read(answer.readBody(MAX_BYTES)));
    }
    List<Map<?, ?>> shown = select(document);
    if (json) {
      Json.print(
          console,
          out -> {
            out.writeStringField("epoch", Objects.toString(document.get("epoch")));
            out.writeFieldName("registers");
            Json.writeValue(out, shown);
          });
    } else {
      printTable(shown);
    }
    return shown.stream()
            .allMatch(register -> GOOD.contains(Objects.toString(register.get("state"))))
        ? ExitStatus.OK
        : ExitStatus.NO;
  }

  private List<Map<?, ?>> select(Map<?, ?> document) throws CommandException, IOException {
    List<Map<?, ?>> shown = new ArrayList<>();
    List<String> missing = new ArrayList<>(wanted);
    List<String> known = new ArrayList<>();
    if (document.get("registers") instanceof List<?> registers) {
      for (Object element : registers) {
        Map<?, ?> register = object(element);
        String name = Objects.toString(register.get("register"));
        known.add(name);
        if (wanted.isEmpty() || missing.remove(name)) {
          shown.add(register);
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new CommandException(
          ExitStatus.NO,
          "%s: the backend has no such register: it has %s"
              .formatted(missing.get(0), String.join(" ", known)));
    }
    return shown;
  }

  private void printTable(List<Map<?, ?>> registers) throws IOException {
    console.println(
        "%-9s %-9s %8s  %-8s %s".formatted("register", "state", "records", "bank", "value"));
    for (Map<?, ?> register : registers) {
      String name = Objects.toString(register.get("register"));
      String state = Objects.toString(register.get("state"));
      String records = Objects.toString(register.get("records"));
      Map<?, ?> replayed = optional(register.get("replayed"));
      Map<?, ?> values = optional(register.get("value"));
      Set<Object> banks = new LinkedHashSet<>(replayed.keySet());
      banks.addAll(values.keySet());
      for (Object bank : banks) {
        Object value = values.get(bank);
        console.println(
            "%-9s %-9s %8s  %-8s %s"
                .formatted(name, state, records, bank, value == null ? "unreadable" : value));
        Object byLog = replayed.get(bank);
        if (byLog != null && !byLog.equals(value)) {
          console.println("%29s %-8s %s".formatted("", "by log", byLog));
        }
        name = "";
        state = "";
        records = "";
      }
      Object origin = register.get("start_value_origin");
      if (origin != null && !replayed.isEmpty() && !origin.equals("reset value")) {
        console.println("%10sstart value: %s".formatted("", origin));
      }
      if (register.get("reason") != null) {
        console.println("%10s%s".formatted("", register.get("reason")));
      }
    }
  }

  private static Map<?, ?> optional(@Nullable Object value) throws IOException {
    return value == null ? Map.of() : object(value);
  }

  private static Map<?, ?> object(@Nullable Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new IOException("the service answers something that is no list of registers");
  }
}
