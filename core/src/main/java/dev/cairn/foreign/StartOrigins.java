package dev.cairn.foreign;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.LogSource;
import dev.cairn.replay.Provenance;
import dev.cairn.replay.RegisterValues;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the values come from that registers hold when an epoch begins: the logs of the others are
 * replayed as one history, firmware first, then systemd, then IMA, which begins when the first file
 * is used.
 */
public final class StartOrigins {
  /** Said of a value that no log explains. */
  public static final String UNEXPLAINED = "unexplained: found at first start";

  private static final Logger LOG = LoggerFactory.getLogger(StartOrigins.class);
  private static final List<ForeignLog.Origin> ORDER =
      List.of(
          ForeignLog.Origin.FIRMWARE,
          ForeignLog.Origin.SYSTEMD,
          ForeignLog.Origin.IMA,
          ForeignLog.Origin.KERNEL_TRACE);

  private StartOrigins() {}

  /**
   * Explains {@code values}, none of which is a reset value. Waits a moment where a log says that
   * it is being written.
   *
   * @return for every register one line, e.g. {@code firmware log, 4 records; unexplained in
   *     sha384}
   */
  public static Map<RegisterId, String> explain(
      List<ForeignLog> logs, Map<RegisterId, DigestSet> values) {
    if (values.isEmpty()) {
      return Map.of();
    }
    Patience patience = new Patience();
    while (true) {
      Map<RegisterId, Provenance.Found> found = find(logs, values);
      boolean whole =
          values.entrySet().stream()
              .allMatch(
                  entry -> {
                    Provenance.Found one = found.get(entry.getKey());
                    return one != null && one.banks().size() == entry.getValue().size();
                  });
      boolean mayGrow = logs.stream().anyMatch(log -> log.incomplete().isPresent());
      if (whole || !mayGrow || !patience.waitAgain()) {
        return texts(found, values);
      }
    }
  }

  private static Map<RegisterId, Provenance.Found> find(
      List<ForeignLog> logs, Map<RegisterId, DigestSet> values) {
    List<LogSource> sources = new ArrayList<>();
    logs.stream()
        .sorted(Comparator.comparingInt(log -> ORDER.indexOf(log.origin())))
        .forEach(log -> sources.add(new Source(log)));
    return Provenance.of(
        sources, RegisterValues.of(values), Limits.DEFAULT, StartOrigins::cannotBeRead);
  }

  private static void cannotBeRead(String log, IOException e) {
    if (e instanceof NoSuchFileException) {
      LOG.debug("there is no {}", log);
    } else {
      LOG.warn("{}: cannot be read, so it explains nothing: {}", log, e.getMessage());
    }
  }

  private static Map<RegisterId, String> texts(
      Map<RegisterId, Provenance.Found> found, Map<RegisterId, DigestSet> values) {
    Map<RegisterId, String> texts = new TreeMap<>();
    values.forEach(
        (id, value) -> {
          Provenance.Found one = found.get(id);
          texts.put(id, one == null ? UNEXPLAINED : text(one, value));
        });
    return texts;
  }

  private static String text(Provenance.Found found, DigestSet value) {
    List<String> parts = new ArrayList<>();
    Map<String, Long> records = new HashMap<>();
    for (Provenance.Share share : found.shares()) {
      if (records.merge(share.log(), share.records(), Long::sum) == share.records()) {
        parts.add(share.log());
      }
    }
    parts.replaceAll(log -> counted(log, records.getOrDefault(log, 0L)));
    if (parts.isEmpty()) {
      parts.add("startup locality in the firmware log");
    }
    SortedSet<HashAlgorithm> others = new TreeSet<>(value.banks());
    others.removeAll(found.banks());
    if (!others.isEmpty()) {
      parts.add(
          "unexplained in " + String.join(", ", others.stream().map(HashAlgorithm::bank).toList()));
    }
    return String.join("; ", parts);
  }

  private static String counted(String log, long records) {
    return "%s, %d %s".formatted(log, records, records == 1 ? "record" : "records");
  }

  private record Source(ForeignLog log) implements LogSource {
    @Override
    public String name() {
      return Keepers.name(log);
    }

    @Override
    public EventReader open() throws IOException {
      ReadOptions options = ReadOptions.DEFAULT.withFormat(Keepers.format(log));
      InputStream in = log.open();
      try {
        return EventLogs.open(in, options);
      } catch (IOException e) {
        try (in) {
          throw e;
        }
      }
    }
  }
}
