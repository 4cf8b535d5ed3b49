package dev.cairn.cli;

import dev.cairn.cli.bench.BareServer;
import dev.cairn.cli.bench.Figure;
import dev.cairn.cli.bench.LongLogBench;
import dev.cairn.cli.bench.ReplayBench;
import dev.cairn.cli.bench.ServiceBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cairn bench}: how fast this machine does it. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures Cairn on this machine, each figure beside a yardstick taken in the same",
      "run: fdatasync, a bare Vert.x handler, nginx if it is installed. Medians of",
      "interleaved rounds. Starts servers of its own on the emulator.",
      "",
      "  service   start, durable extends, tail of the log, memory",
      "  replay    records per second of CEL-TLV and IMA logs",
      "  long-log  a log of --records records: serve whole, tail, restart",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cairn bench",
      "  cairn bench service --folder /var/tmp --rounds 5 --json",
      "  cairn bench service --folder /dev/shm        (without a disk)"
    })
final class BenchCommand implements Callable<Integer> {
  private static final List<String> ALL = List.of("service", "replay", "long-log");
  private static final List<String> USUAL = List.of("service", "replay");

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "WHAT",
      description = "service, replay, long-log (service and replay if not given)")
  private List<String> what = new ArrayList<>();

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "where to write, on the file system to be measured (here)")
  private @Nullable Path folder;

  @Option(names = "--rounds", defaultValue = "3", description = "rounds (${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "4",
      description = "length of one round (${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--records",
      defaultValue = "5000000",
      description = "records of the long log (${DEFAULT-VALUE})")
  private int records;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  private final Console console;

  BenchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    List<String> wanted = what.isEmpty() ? USUAL : what;
    for (String name : wanted) {
      if (!ALL.contains(name)) {
        throw new ParameterException(
            spec.commandLine(), "'" + name + "': needs some of " + String.join(", ", ALL));
      }
    }
    if (rounds < 1 || seconds < 1 || records < 1) {
      throw new ParameterException(
          spec.commandLine(), "--rounds, --seconds, --records: need 1 or more");
    }
    Path base = (folder == null ? Path.of("") : folder).toAbsolutePath();
    Path work = Files.createTempDirectory(base, "cairn-bench-");
    try {
      String before = loadAverage();
      List<Figure> figures = measure(wanted, work);
      print(figures, fileSystem(work), before, loadAverage());
    } finally {
      delete(work);
    }
    return ExitStatus.OK;
  }

  private static String fileSystem(Path folder) {
    try {
      return Files.getFileStore(folder).type();
    } catch (IOException e) {
      return "unknown file system"; // in a chroot the table of mounts does not name the root
    }
  }

  private List<Figure> measure(List<String> wanted, Path work) throws IOException {
    Path script = Path.of(System.getProperty("cairn.script", "cairn"));
    Duration time = Duration.ofSeconds(seconds);
    Consumer<String> progress = this::tell;
    List<Figure> figures = new ArrayList<>();
    if (wanted.contains("service")) {
      figures.addAll(new ServiceBench(script, work, rounds, time, progress).run());
    }
    if (wanted.contains("replay")) {
      figures.addAll(new ReplayBench(work, rounds, progress).run());
    }
    if (wanted.contains("long-log")) {
      figures.addAll(new LongLogBench(script, work, records, progress).run());
    }
    return figures;
  }

  private void tell(String doing) {
    if (console.errIsTerminal()) {
      console.err().print("\r\u001b[K" + doing + " …");
      console.err().flush();
    }
  }

  private void print(List<Figure> figures, String fileSystem, String before, String after)
      throws IOException {
    tell("done");
    if (json) {
      Json.print(
          console,
          out -> {
            out.writeStringField("file_system", fileSystem);
            out.writeNumberField("processors", Runtime.getRuntime().availableProcessors());
            out.writeStringField("load_before", before);
            out.writeStringField("load_after", after);
            out.writeArrayFieldStart("figures");
            for (Figure figure : figures) {
              out.writeStartObject();
              out.writeStringField("name", figure.name());
              out.writeNumberField("value", figure.value());
              out.writeStringField("unit", figure.unit());
              out.writeStringField("note", figure.note());
              out.writeEndObject();
            }
            out.writeEndArray();
          });
      return;
    }
    for (Figure figure : figures) {
      console.println(
          String.format(
              Locale.ROOT,
              "%-34s %12.2f %-4s %s",
              figure.name(),
              figure.value(),
              figure.unit(),
              figure.note()));
    }
    console.println(
        "%s, %d processors, load average %s before, %s after"
            .formatted(fileSystem, Runtime.getRuntime().availableProcessors(), before, after));
  }

  private static String loadAverage() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** The yardstick as a process of its own, with the JVM flags of the daemon. */
  @Command(name = "bare-server", hidden = true, description = "Used by 'cairn bench'.")
  static final class Bare implements Callable<Integer> {
    private final Console console;

    Bare(Console console) {
      this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      console.println("ready http://127.0.0.1:" + BareServer.start());
      console.flush();
      new CountDownLatch(1).await(); // SIGTERM ends it
      return ExitStatus.OK;
    }
  }
}
